/** Runs benchmarks by name: `npm run bench discovery terms`. Each is a file beside this one that exports `run` and prints a table. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL(".", import.meta.url);

function known(): string[] {
  const text = /export (async )?function run\(/;
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && file !== "main.ts")
    .filter((file) => text.test(readSource(file)))
    .map((file) => file.replace(/\.ts$/, ""))
    .sort();
}

function readSource(file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !existsSync(fileURLToPath(new URL(`${name}.ts`, folder))));
  if (names.length === 0 || unknown.length > 0) {
    const which = unknown.length === 0 ? "Name one or more benchmarks" : `No benchmark ${unknown.join(", ")}`;
    console.log(`${which}: ${known().join(", ")}`);
    return names.length === 0 ? 0 : 2;
  }
  for (const name of names) {
    const { run } = (await import(new URL(`${name}.ts`, folder).href)) as { run(): Promise<void> };
    await run();
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
