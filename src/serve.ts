/**
 * Serving until told to stop: over stdio, where `initialize` is answered while the rest is still being loaded and wired, or over HTTP.
 * SIGTERM finishes what runs, flushes state, exits 0.
 */

import { tmpdir } from "node:os";
import { processInputs } from "./config/environment.js";
import type { Flags } from "./config/given.js";
import { type LoadedConfig, type LoadInputs, loadConfig } from "./config/load.js";
import { sampleDatabase } from "./databases/sample.js";
import { error, type Issue } from "./issue.js";
import { packageFile, version } from "./package-files.js";
import { issuesText } from "./tools/tool.js";
import type { Running } from "./wire.js";

/** 0 fine, 2 wrong usage or configuration, 1 anything else. */
export const exitCodes = { fine: 0, failed: 1, usage: 2 } as const;

export function print(issues: readonly Issue[]): void {
  if (issues.length > 0) process.stderr.write(`${issuesText(issues)}\n`);
}

/** What the configuration is made from: this process's world, the flags, and the bundled sample where no source is named. */
export function inputsOf(flags: Flags): LoadInputs {
  return { ...processInputs(), argvFlags: flags, sample };
}

function sample(): Readonly<Record<string, unknown>> {
  const path = sampleDatabase(packageFile("fixtures/ledger/sqlite.sql"), tmpdir());
  return { sources: { ledger: { url: `sqlite:${path}`, glossary: [packageFile("fixtures/ledger/glossary.yaml")] } } };
}

/** Ends the process by itself once it serves; resolves with an exit code where it cannot begin. */
export async function serve(flags: Flags & { readonly tour?: boolean }): Promise<number> {
  const inputs = inputsOf(flags);
  const loaded = loadConfig(inputs);
  if (!loaded.ok) {
    print(loaded.issues);
    return exitCodes.usage;
  }
  const { http } = loaded.value.config.server;
  if (http === undefined && flags.tour !== true) return serveStdio(() => wired(inputs), loaded.value);
  const begun = await wired(inputs);
  if (begun === undefined) return exitCodes.usage;
  if (flags.tour === true) {
    const { runTour } = await import("./server/tour.js");
    if (!(await runTour(begun.app, (text) => process.stderr.write(`${text}\n`)))) {
      await begun.close();
      return exitCodes.failed;
    }
  }
  return http === undefined ? serveStdio(async () => begun, loaded.value) : serveHttp(begun, http, loaded.value);
}

/** Wired and discovering, or `undefined` with the issues printed. */
async function wired(inputs: LoadInputs): Promise<Running | undefined> {
  const { wire } = await import("./wire.js");
  const made = await wire(inputs);
  print(made.ok ? made.warnings : made.issues);
  if (!made.ok) return undefined;
  made.value.begin();
  return made.value;
}

async function serveStdio(make: () => Promise<Running | undefined>, { config }: LoadedConfig): Promise<number> {
  const { startStdio } = await import("./server/stdio.js");
  return new Promise<number>((_end, failed) => {
    let running: Promise<Running | undefined> = Promise.resolve(undefined);
    const makeApp = async () => {
      running = make();
      const begun = await running;
      if (begun === undefined) process.exit(exitCodes.usage);
      const { listTools } = await import("./server/tool-calls.js");
      return { app: begun.app, listed: listTools(begun.app.tools) };
    };
    const stop = stopper(config.server.shutdown_ms, async () => {
      await transport.close();
      await (await running)?.close();
    });
    const transport = startStdio(
      version,
      () => {
        const ready = makeApp();
        ready.catch(failed);
        return ready;
      },
      stop,
    );
  });
}

async function serveHttp(running: Running, address: string, { config }: LoadedConfig): Promise<number> {
  const { server, limits } = config;
  const { host, port } = addressOf(address);
  const refuse = async (issue: Issue, code: number) => {
    print([issue]);
    await running.close();
    return code;
  };
  if (!isLoopback(host) && server.token === undefined) {
    const help = "Set server.token, or bind 127.0.0.1.";
    return refuse(
      error("bad_config_value", `${address} can be reached from other machines.`, { help }),
      exitCodes.usage,
    );
  }
  const { startHttp } = await import("./server/http.js");
  const settings = {
    host,
    port,
    allowedHosts: server.allowed_hosts,
    maxBodyBytes: limits.request_max_bytes,
    maxSessions: limits.sessions,
    idleMs: limits.session_idle_ms,
    sse: server.sse,
    ...(server.token === undefined ? {} : { token: server.token }),
  };
  try {
    const endpoint = await startHttp(running.app, running.metrics, settings, running.admin);
    process.stderr.write(`Sextant serves ${running.app.deps.sources.join(", ")} at ${endpoint.url}/mcp\n`);
    return await new Promise<number>(() => {
      stopper(server.shutdown_ms, async () => {
        await endpoint.close();
        await running.close();
      });
    });
  } catch (cause) {
    const reason = (cause as { code?: string }).code ?? String(cause);
    return refuse(error("bad_config_value", `Cannot listen on ${address}: ${reason}.`), exitCodes.failed);
  }
}

/** What to call to stop, also bound to SIGTERM and SIGINT: closes in order, and leaves within `limitMs` whatever happens. */
function stopper(limitMs: number, close: () => Promise<void>): () => void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(exitCodes.fine), limitMs);
    close().then(
      () => process.exit(exitCodes.fine),
      (cause: unknown) => {
        process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
        process.exit(exitCodes.failed);
      },
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  return stop;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/u.test(host);
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at).replace(/^\[(.*)\]$/u, "$1"), port: Number(text.slice(at + 1)) };
}
