#!/usr/bin/env node
/** argv -> configuration -> wiring (`wire.ts`) -> stdio or HTTP. Exit codes: 0 fine, 2 wrong usage or configuration, 1 anything else. */

import { setFlagsFromString } from "node:v8";
import { Command, CommanderError } from "commander";
import type { Flags } from "./config/given.js";
import { loadConfig } from "./config/load.js";
import { printConfig } from "./config/print.js";
import { issueOf } from "./issue.js";
import type { OperationName } from "./operate.js";
import { version } from "./package-files.js";
import { exitCodes, inputsOf, print, serve } from "./serve.js";
import type { Running } from "./wire.js";

/** Commands for people who run the server, with their operands. */
const operationList = [
  ["freeze", "[REASON]", "pin every source's known-good schema; answers rest on it until thaw"],
  ["thaw", "[REASON]", "release what freeze pinned"],
  ["backup", "<FILE>", "state and configuration as one file"],
  ["import-static", "<FILE>", "a hand-kept metric map as a glossary, checked against the live schema"],
] as const;

const learnActs = ["status", "train", "promote", "rollback", "compare", "stop"] as const;

// The heap may grow by this share before it is collected. Left to itself the engine lets garbage grow to several times what lives, on a machine
// with much memory: a refresh of a schema of ten thousand tables makes a lot of it (`npm run bench -- served` tells what a server holds).
setFlagsFromString("--heap-growing-percent=20");
// Room for the newest objects stays as it is at first: what is read of a large schema lives on, and would only be copied about in a larger one.
setFlagsFromString("--semi-space-growth-factor=1");

await main(process.argv).then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const issue = issueOf(thrown);
    print([issue]);
    if (issue.code === "internal_error")
      process.stderr.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
    process.exitCode = exitCodes.failed;
  },
);

async function main(argv: readonly string[]): Promise<number> {
  let code: number = exitCodes.fine;
  const program = new Command("sextant")
    .description("A live, semantic view of your databases for LLM agents, over MCP.")
    .version(version)
    .exitOverride()
    .option(
      "--source <NAME=URL>",
      "a database: sqlite:PATH or postgres://… (repeatable)",
      (url: string, all: string[]) => [...all, url],
      [],
    )
    .option("--config <FILE>", "sources and every setting from a file (JSON, JSON5 or YAML)")
    .option("--http <HOST:PORT>", "serve HTTP instead of stdio")
    .option("--state <DIR|URL>", "where durable records go; `memory` for none")
    .option("--log-level <LEVEL>", "trace, debug, info, warn, error or silent")
    .option("--allow-superuser", "run queries even as a database superuser")
    .option("--tour", "print a short tour of the tools before serving")
    .action(async (_options, command: Command) => {
      code = await serve(flagsOf(command));
    });
  program
    .command("tool <NAME> [JSON]")
    .description("one call from a shell; prints the answer")
    .action(async (name: string, json: string | undefined, _options, command: Command) => {
      code = await callOnce(flagsOf(command), name, json ?? "{}");
    });
  program
    .command("check-config [FILE]")
    .description("validates, prints the effective configuration with secrets hidden")
    .action((file: string | undefined, _options, command: Command) => {
      const flags = flagsOf(command);
      code = checkConfig(file === undefined ? flags : { ...flags, config: file });
    });
  for (const [name, operand, description] of operationList) {
    program
      .command(`${name} ${operand}`)
      .description(description)
      .option("--dry-run", "import-static: check and report, write nothing")
      .option("--name <SOURCE>", "import-static: the source to check against")
      .option("--out <FILE>", "import-static: where the glossary goes", "glossary.yaml")
      .action(async (word: string | undefined, _options, command: Command) => {
        code = await operate(flagsOf(command), name, word ?? "");
      });
  }
  program
    .command("restore <FILE>")
    .description("state and configuration from a backup, into an empty state")
    .action(async (file: string, _options, command: Command) => {
      code = await restoreFile(flagsOf(command), file);
    });
  program
    .command("changes <log|review> [SINCE]")
    .description("the kept schema changes: each as a line of JSON, or since a version or time as a migration review")
    .option("--name <SOURCE>", "the source, where several are configured")
    .action(async (form: string, since: string | undefined, _options, command: Command) => {
      if (form === "log" || form === "review") code = await tellChanges(flagsOf(command), form, since);
      else command.error(`error: changes takes log or review, not "${form}"`);
    });
  program
    .command("watch <install|remove|status>")
    .description("event triggers by which PostgreSQL announces schema changes at once")
    .option("--name <SOURCE>", "one source; default: every PostgreSQL source")
    .action(async (word: string, _options, command: Command) => {
      const name = `watch-${word}`;
      if (name === "watch-install" || name === "watch-remove" || name === "watch-status") {
        code = await operate(flagsOf(command), name, "");
        return;
      }
      command.error(`error: watch takes install, remove or status, not "${word}"`);
    });
  program
    .command(`learn <${learnActs.join("|")}> [VERSION]`)
    .description(
      "what feedback taught, and the rankers trained from it: their versions, gate, comparison on live traffic",
    )
    .option("--name <SOURCE>", "the source, where several are configured")
    .option("--reason <TEXT>", "promote, rollback, compare, stop: why, for the record")
    .action(async (word: string, model: string | undefined, _options, command: Command) => {
      const act = learnActs.find((known) => known === word);
      if (act === undefined) command.error(`error: learn takes ${learnActs.join(", ")}, not "${word}"`);
      else code = await operate(flagsOf(command), `learn-${act}`, model ?? "");
    });
  try {
    await program.parseAsync(argv);
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
  }
  return code;
}

interface MainFlags extends Flags {
  readonly tour?: boolean;
  readonly dryRun?: boolean;
  readonly name?: string;
  readonly out?: string;
  readonly reason?: string;
}

function flagsOf(command: Command): MainFlags {
  return command.optsWithGlobals<MainFlags>();
}

function checkConfig(flags: Flags): number {
  const config = loadConfig(inputsOf(flags));
  print(config.ok ? config.value.warnings : config.issues);
  if (!config.ok) return exitCodes.usage;
  process.stdout.write(`${printConfig(config.value)}\n`);
  return exitCodes.fine;
}

/** Wires everything for one piece of work, and closes it again; usage errors of the configuration are printed. */
async function withRunning(flags: MainFlags, work: (running: Running) => Promise<number>): Promise<number> {
  const { wire } = await import("./wire.js");
  const wired = await wire(inputsOf({ logLevel: "error", ...flags }));
  print(wired.ok ? wired.warnings : wired.issues);
  if (!wired.ok) return exitCodes.usage;
  try {
    return await work(wired.value);
  } finally {
    await wired.value.close();
  }
}

async function operate(flags: MainFlags, name: OperationName, word: string): Promise<number> {
  const { operations } = await import("./operate.js");
  return withRunning(flags, async (running) => {
    const done = await operations[name](running, word, flags);
    print(done.ok ? done.warnings : done.issues);
    if (done.ok) process.stdout.write(`${JSON.stringify(done.value, null, 2)}\n`);
    return done.ok ? exitCodes.fine : exitCodes.failed;
  });
}

async function tellChanges(flags: MainFlags, form: "log" | "review", since: string | undefined): Promise<number> {
  const { changesText } = await import("./operate.js");
  return withRunning(flags, async (running) => {
    const told = await changesText(running, form, since, flags.name);
    print(told.ok ? told.warnings : told.issues);
    if (told.ok && told.value !== "") process.stdout.write(`${told.value}\n`);
    return told.ok ? exitCodes.fine : exitCodes.failed;
  });
}

async function restoreFile(flags: MainFlags, file: string): Promise<number> {
  const config = loadConfig(inputsOf(flags));
  print(config.ok ? config.value.warnings : config.issues);
  if (!config.ok) return exitCodes.usage;
  const { restoreBackup } = await import("./operate.js");
  process.stdout.write(`${JSON.stringify(await restoreBackup(config.value, file))}\n`);
  return exitCodes.fine;
}

async function callOnce(flags: Flags, name: string, json: string): Promise<number> {
  const args = parseArguments(json);
  if (args === undefined) return exitCodes.usage;
  const { callTool } = await import("./server/tool-calls.js");
  return withRunning(flags, async ({ app }) => {
    const tool = app.tools.find((t) => t.name === name);
    if (tool === undefined) {
      process.stderr.write(`There is no tool "${name}". Known: ${app.tools.map((t) => t.name).join(", ")}.\n`);
      return exitCodes.usage;
    }
    const caller = { user: "local", role: "user" };
    const call = { signal: new AbortController().signal, progress: () => undefined, caller };
    const reply = await callTool(app, tool, args, call);
    process.stdout.write(`${reply.content.map((c) => c.text).join("\n")}\n`);
    return reply.isError === true ? exitCodes.failed : exitCodes.fine;
  });
}

function parseArguments(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (malformed) {
    process.stderr.write(
      `The arguments are not JSON: ${malformed instanceof Error ? malformed.message : String(malformed)}\n`,
    );
    return undefined;
  }
}
