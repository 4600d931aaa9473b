/** The server as a user starts it, and a client beside it. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

export const entry = resolve(import.meta.dirname, "../../dist/main.js");

export interface Answer {
  readonly isError?: boolean;
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent: Content;
}

/** What the tests look at of the structured content of any tool; each tool has its own part of it. */
export interface Content {
  readonly version: string;
  readonly returned: number;
  readonly tables: readonly { readonly name: string }[];
  readonly results: readonly { readonly term: string; readonly matches: readonly { readonly ref: string }[] }[];
  readonly status: string;
  readonly sql: string;
  readonly params: readonly unknown[];
  readonly valid: boolean;
  readonly rows: readonly (readonly [string | null, string])[];
  readonly truncated: boolean;
  readonly issues: readonly {
    readonly code: string;
    readonly severity: string;
    readonly help?: string;
    readonly candidates: readonly string[];
  }[];
}

/** A client over stdio to `node dist/main.js ARGS`. Tools are listed first, so that the client checks every answer against the output schema. */
export async function overStdio(...args: readonly string[]): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [entry, ...args, "--log-level", "error"],
  });
  const client = new Client({ name: "sextant-test", version: "1" });
  await client.connect(transport);
  await client.listTools();
  return client;
}

export async function call(client: Client, name: string, args: object = {}): Promise<Answer> {
  return (await client.callTool({ name, arguments: args as Record<string, unknown> })) as unknown as Answer;
}

export interface HttpServer {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<number | null>;
}

/** `node dist/main.js --http 127.0.0.1:0 ARGS`; resolves when it listens. */
export async function httpServer(...args: readonly string[]): Promise<HttpServer> {
  const child = spawn(process.execPath, [entry, "--http", "127.0.0.1:0", "--log-level", "error", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  const url = await new Promise<string>((found, failed) => {
    const lines: string[] = [];
    const reader = createInterface({ input: child.stderr });
    reader.on("line", (line) => {
      lines.push(line);
      const match = / at (http:\S+)\/mcp$/u.exec(line);
      if (match?.[1] !== undefined) found(match[1]);
    });
    void exited.then((code) => failed(new Error(`exited with ${code}: ${lines.join("\n")}`)));
  });
  return {
    url,
    process: child,
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

/** A folder that goes when the test file is done. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "sextant-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
