/** Clients that subscribe as real ones do: over stdio, over a session of Streamable HTTP, and by `subscriptions/listen` of 2026-07-28. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";

export interface Subscriber {
  /** What was told: a resource's URI, or `list` for `resources/list_changed`; `atMs` of `performance.now()`. */
  readonly heard: { readonly what: string; readonly atMs: number }[];
  close(): Promise<void>;
}

/** Starts a server with `node ARGS` and subscribes over its stdin and stdout. */
export function overStdio(args: readonly string[], uris: readonly string[]): Promise<Subscriber> {
  return subscribed(new StdioClientTransport({ command: process.execPath, args: [...args], stderr: "ignore" }), uris);
}

export function overHttp(url: string, uris: readonly string[]): Promise<Subscriber> {
  return subscribed(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)), uris);
}

async function subscribed(transport: Transport, uris: readonly string[]): Promise<Subscriber> {
  const client = new Client({ name: "sextant-test", version: "1" });
  const heard: Subscriber["heard"] = [];
  const hear = (what: string) => void heard.push({ what, atMs: performance.now() });
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => hear(params.uri));
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => hear("list"));
  await client.connect(transport);
  for (const uri of uris) await client.subscribeResource({ uri });
  return { heard, close: () => client.close() };
}

/** One request whose answer is a stream that stays open. */
export async function overListen(url: string, uris: readonly string[]): Promise<Subscriber> {
  const method = "subscriptions/listen";
  const params = {
    notifications: { resourceSubscriptions: uris, resourcesListChanged: true },
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "sextant-test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  };
  const controller = new AbortController();
  const response = await fetch(`${url}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: controller.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error("no stream");
  const heard: Subscriber["heard"] = [];
  const acknowledged = new Promise<void>((resolve, reject) => {
    read(reader, (message) => {
      if (message.method === "notifications/subscriptions/acknowledged") resolve();
      if (message.method === "notifications/resources/updated")
        heard.push({ what: message.params?.uri ?? "", atMs: performance.now() });
      if (message.method === "notifications/resources/list_changed")
        heard.push({ what: "list", atMs: performance.now() });
      if (message.error !== undefined) reject(new Error(JSON.stringify(message.error)));
    }).catch((cause: unknown) => {
      if (!controller.signal.aborted) reject(cause as Error);
    });
  });
  await acknowledged;
  return { heard, close: async () => controller.abort() };
}

interface Message {
  readonly method?: string;
  readonly params?: { readonly uri?: string };
  readonly error?: unknown;
}

async function read(reader: ReadableStreamDefaultReader<string>, onMessage: (message: Message) => void): Promise<void> {
  let waiting = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    waiting += value;
    const lines = waiting.split("\n");
    waiting = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) onMessage(JSON.parse(line.slice(6)) as Message);
  }
}
