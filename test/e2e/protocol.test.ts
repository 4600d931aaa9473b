/** The server spoken to as clients do: stdio, Streamable HTTP in both eras, legacy SSE, with resources, prompts, completion and refusals. */

import { request } from "node:http";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, type HttpServer, httpServer, overStdio } from "./sextant.js";

const toolNames = [
  "build_query",
  "discover_schema",
  "map_term",
  "record_feedback",
  "run_query",
  "schema_changes",
  "validate_query",
];

let server: HttpServer;

beforeAll(async () => {
  server = await httpServer("--state", "memory");
});

afterAll(async () => {
  await server.stop();
});

test("SIGTERM ends it with 0, with clients connected", async () => {
  const other = await httpServer("--state", "memory");
  const client = new Client({ name: "sextant-test", version: "1" });
  await client.connect(new SSEClientTransport(new URL(`${other.url}/sse`)));
  expect(await other.stop()).toBe(0);
});

async function sees(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map((t) => t.name).sort()).toEqual(toolNames);
  for (const tool of tools) {
    expect(tool.description?.length, tool.name).toBeLessThan(2_048);
    expect(tool.outputSchema?.type, tool.name).toBe("object");
  }
  const answer = await call(client, "discover_schema", { detail: "names", limit: 3 });
  expect(answer.structuredContent.version).toMatch(/^sha256:[0-9a-f]{64}$/u);
  expect(answer.structuredContent.returned).toBe(3);
}

describe("transports", () => {
  test("stdio", async () => {
    const client = await overStdio("--state", "memory");
    await sees(client);
    expect(client.getInstructions()?.length).toBeLessThan(2_048);
    await client.close();
  });

  test("Streamable HTTP with a session", async () => {
    const client = new Client({ name: "sextant-test", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
    await sees(client);
    await client.close();
  });

  test("legacy SSE", async () => {
    const client = new Client({ name: "sextant-test", version: "1" });
    await client.connect(new SSEClientTransport(new URL(`${server.url}/sse`)));
    await sees(client);
    await client.close();
  });

  test("protocol 2026-07-28, one request at a time", async () => {
    const discovered = await modern("server/discover", {});
    expect(discovered.result.supportedVersions).toContain("2026-07-28");
    const listed = await modern("tools/list", {});
    expect(listed.result.tools.map((t: { name: string }) => t.name).sort()).toEqual(toolNames);
    expect(listed.result.ttlMs).toBeGreaterThan(0);
    const answer = await modern("tools/call", { name: "map_term", arguments: { terms: ["customer"] } }, "map_term");
    expect(answer.result.structuredContent.results[0].term).toBe("customer");
  });

  test.each(["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])(
    "a client of %s",
    async (version) => {
      const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: "old", version: "1" } };
      const response = await post({ jsonrpc: "2.0", id: 1, method: "initialize", params });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(`"protocolVersion":"${version}"`);
    },
  );
});

describe("beside the tools", () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client({ name: "sextant-test", version: "1" });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
  });
  afterAll(() => client.close());

  test("resources are listed, read and completed", async () => {
    const { resources } = await client.listResources();
    expect(resources.map((r) => r.uri)).toEqual(["schema://ledger", "changes://ledger", "glossary://ledger"]);
    for (const { uri } of resources) {
      const { contents } = await client.readResource({ uri });
      expect((contents[0] as { text: string }).text.length, uri).toBeGreaterThan(10);
    }
    const { contents } = await client.readResource({ uri: "schema://ledger/order_lines" });
    expect((contents[0] as { text: string }).text).toContain("unit_price");
    const ref = { type: "ref/resource" as const, uri: "schema://{source}/{table}" };
    const argument = { name: "table", value: "order_l" };
    const { completion } = await client.complete({ ref, argument, context: { arguments: { source: "ledger" } } });
    expect(completion.values).toEqual(["order_lines"]);
  });

  test("a resource that does not exist is told so", async () => {
    await expect(client.readResource({ uri: "schema://ledger/no_such" })).rejects.toMatchObject({ code: -32602 });
    await expect(client.readResource({ uri: "nothing://at.all" })).rejects.toMatchObject({ code: -32602 });
  });

  test("prompts are listed and filled in", async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map((p) => p.name)).toEqual([
      "answer_business_question",
      "review_schema_change",
      "explore_database",
    ]);
    const prompt = await client.getPrompt({
      name: "answer_business_question",
      arguments: { question: "How many orders?" },
    });
    expect(JSON.stringify(prompt.messages)).toContain("How many orders?");
    await expect(client.getPrompt({ name: "answer_business_question" })).rejects.toMatchObject({ code: -32602 });
  });

  test("an unknown tool is a protocol error, a wrong argument an issue that names the right one", async () => {
    await expect(client.callTool({ name: "drop_everything" })).rejects.toMatchObject({ code: -32602 });
    const answer = await call(client, "discover_schema", { detial: "full" });
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent.issues[0]).toMatchObject({ code: "invalid_argument", candidates: ["detail"] });
  });
});

describe("HTTP", () => {
  test("health, readiness and metrics", async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain("sextant_tool_call_seconds");
    expect((await fetch(`${server.url}/nowhere`)).status).toBe(404);
  });

  test.each([
    ["a foreign Host", { host: "evil.test" }],
    ["a foreign Origin", { origin: "http://evil.test" }],
    ["a null Origin", { origin: "null" }],
  ])("refuses %s", async (_name, headers) => {
    for (const path of ["/mcp", "/sse", "/healthz"]) expect(await statusOf(path, headers), path).toBe(403);
  });

  test("refuses what is not JSON and what is too large, and lives on", async () => {
    expect((await post("{")).status).toBe(400);
    expect((await post(`"${"x".repeat(3_000_000)}"`)).status).toBe(413);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

function post(body: unknown): Promise<Response> {
  return fetch(`${server.url}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function modern(method: string, params: object, name?: string) {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "sextant-test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const response = await fetch(`${server.url}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": name }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } }),
  });
  return JSON.parse(await response.text());
}

/** fetch() does not let a caller set Host. */
function statusOf(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}
