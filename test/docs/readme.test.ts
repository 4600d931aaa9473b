/** The README says what is: the settings table is generated, the tools and commands exist, the files it names are there. */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { settingsTable } from "../../src/config/table.js";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

test("the settings table is the one that the schema gives", () => {
  const shown = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/u.exec(readme)?.[1]?.trim();
  expect(shown).toBe(settingsTable().trim());
});

test("every linked file exists", () => {
  const prose = readme.replaceAll(/```[\s\S]*?```/gu, "");
  const links = [...prose.matchAll(/\]\((?!https?:)([^)#]+)\)/gu)].map((m) => m[1] ?? "");
  expect(links.length).toBeGreaterThan(1);
  expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
});

test("every npm script that it names exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  const named = [...readme.matchAll(/npm (?:run )?(build|lint|types|test|start|bench)\b/gu)].map((m) => m[1] ?? "");
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("mcp.json is a map of servers, and its command is the published one", () => {
  const { mcpServers } = JSON.parse(readFileSync(join(root, "mcp.json"), "utf8")) as {
    mcpServers: Record<string, { command: string; args: string[] }>;
  };
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    name: string;
    bin: Record<string, string>;
  };
  expect(mcpServers.sextant?.args).toContain(manifest.name);
  expect(Object.keys(manifest.bin)).toEqual(["sextant"]);
});
