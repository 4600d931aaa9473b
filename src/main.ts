#!/usr/bin/env node
/** argv -> configuration -> wiring (`wire.ts`) -> stdio or HTTP. Exit codes: 0 fine, 2 wrong usage or configuration, 1 anything else. */

import { Command, CommanderError } from "commander";
import { processInputs } from "./config/environment.js";
import type { Flags } from "./config/given.js";
import { type LoadInputs, loadConfig } from "./config/load.js";
import { printConfig } from "./config/print.js";
import { error, type Issue, issueOf } from "./issue.js";
import { startHttp } from "./server/http.js";
import { startStdio } from "./server/stdio.js";
import { callTool } from "./server/tool-calls.js";
import { runTour } from "./server/tour.js";
import { issuesText } from "./tools/tool.js";
import { type Running, sampleLayer, version, wire } from "./wire.js";

const exitCodes = { fine: 0, failed: 1, usage: 2 } as const;

await main(process.argv).then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const issue = issueOf(thrown);
    process.stderr.write(`${issuesText([issue])}\n`);
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
}

function flagsOf(command: Command): MainFlags {
  return command.optsWithGlobals<MainFlags>();
}

function inputsOf(flags: Flags): LoadInputs {
  return { ...processInputs(), argvFlags: flags, sample: sampleLayer };
}

/** Everything wired, or `undefined` with the issues printed. */
async function started(flags: Flags): Promise<Running | undefined> {
  const running = await wire(inputsOf(flags));
  print(running.ok ? running.warnings : running.issues);
  return running.ok ? running.value : undefined;
}

function print(issues: readonly Issue[]): void {
  if (issues.length > 0) process.stderr.write(`${issuesText(issues)}\n`);
}

function checkConfig(flags: Flags): number {
  const config = loadConfig(inputsOf(flags));
  print(config.ok ? config.value.warnings : config.issues);
  if (!config.ok) return exitCodes.usage;
  process.stdout.write(`${printConfig(config.value)}\n`);
  return exitCodes.fine;
}

async function callOnce(flags: Flags, name: string, json: string): Promise<number> {
  const args = parseArguments(json);
  const running = args === undefined ? undefined : await started({ logLevel: "error", ...flags });
  if (running === undefined) return exitCodes.usage;
  try {
    const tool = running.app.tools.find((t) => t.name === name);
    if (tool === undefined) {
      const known = running.app.tools.map((t) => t.name).join(", ");
      process.stderr.write(`There is no tool "${name}". Known: ${known}.\n`);
      return exitCodes.usage;
    }
    const caller = { user: "local", role: "user" };
    const call = { signal: new AbortController().signal, progress: () => undefined, caller };
    const reply = await callTool(running.app, tool, args, call);
    process.stdout.write(`${reply.content.map((c) => c.text).join("\n")}\n`);
    return reply.isError === true ? exitCodes.failed : exitCodes.fine;
  } finally {
    await running.close();
  }
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

async function serve(flags: MainFlags): Promise<number> {
  const running = await started(flags);
  if (running === undefined) return exitCodes.usage;
  const { app, close } = running;
  running.begin();
  if (flags.tour === true && !(await runTour(app, (text) => process.stderr.write(`${text}\n`)))) {
    await close();
    return exitCodes.failed;
  }
  const { server, limits } = running.config.current().config;
  return new Promise<number>((resolve, reject) => {
    let transport: { close(): Promise<void> } | undefined;
    let stopping = false;
    const stop = () => {
      if (stopping) return;
      stopping = true;
      const late = setTimeout(() => process.exit(exitCodes.fine), server.shutdown_ms);
      late.unref();
      Promise.resolve(transport?.close())
        .then(close)
        .then(() => process.exit(exitCodes.fine), reject);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    if (server.http === undefined) {
      transport = startStdio(app, stop);
      return;
    }
    const { host, port } = addressOf(server.http);
    if (!isLoopbackHost(host) && server.token === undefined) {
      print([
        error("bad_config_value", `${server.http} can be reached from other machines.`, {
          help: "Set server.token, or bind 127.0.0.1.",
        }),
      ]);
      close().then(() => resolve(exitCodes.usage), reject);
      return;
    }
    const settings = {
      host,
      port,
      allowedHosts: server.allowed_hosts,
      maxBodyBytes: limits.request_max_bytes,
      maxSessions: limits.sessions,
      idleMs: limits.session_idle_ms,
      ...(server.token === undefined ? {} : { token: server.token }),
    };
    startHttp(app, running.metrics, settings, running.admin).then(
      (endpoint) => {
        transport = endpoint;
        process.stderr.write(`Sextant serves ${app.deps.sources.join(", ")} at ${endpoint.url}/mcp\n`);
      },
      (cause: unknown) => {
        process.stderr.write(
          `Cannot listen on ${server.http}: ${(cause as { code?: string }).code ?? String(cause)}\n`,
        );
        close().then(() => resolve(exitCodes.failed), reject);
      },
    );
  });
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/u.test(host);
}

function addressOf(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/u, "$1"), port: Number(text.slice(at + 1)) };
}
