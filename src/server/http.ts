/**
 * The HTTP side: Streamable HTTP at `/mcp` for both protocol eras, legacy SSE at `/sse`, `/healthz`, `/readyz`, `/metrics`, and whatever
 * is mounted under `/admin`. Host and Origin are checked on every request, against DNS rebinding. Binds loopback unless told otherwise.
 */

import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  localhostAllowedHostnames,
  originValidationResponse,
} from "@modelcontextprotocol/server";
import { type Context, Hono } from "hono";
import type { App } from "./app.js";
import { bearerIs } from "./bearer.js";
import type { Metrics } from "./metrics.js";
import { createProtocolServer } from "./protocol.js";
import { urisOf } from "./resources.js";
import { createSessions, type SessionLimits } from "./sessions.js";
import { createSseRoutes } from "./sse.js";
import { listTools } from "./tool-calls.js";

export interface HttpSettings extends SessionLimits {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Host names accepted in `Host` and `Origin` beside loopback. */
  readonly allowedHosts: readonly string[];
  readonly maxBodyBytes: number;
  /** Whether the legacy SSE transport is served. */
  readonly sse: boolean;
  /** Where set, `/mcp`, `/sse` and `/metrics` want `Authorization: Bearer TOKEN`. */
  readonly token?: string;
}

export interface HttpEndpoint {
  /** `http://127.0.0.1:7337` */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts listening; rejects with the system's error when the address cannot be had. `admin` is mounted under `/admin`. */
export async function startHttp(
  app: App,
  metrics: Metrics,
  settings: HttpSettings,
  admin: Hono | undefined,
): Promise<HttpEndpoint> {
  const ready = Promise.resolve({ app, listed: listTools(app.tools) });
  const create = () => createProtocolServer(app.version, ready);
  const report = (cause: unknown) => app.emit({ event: "failure", where: "http", cause });
  const modern = createMcpHandler(create, { maxRequestBodySize: settings.maxBodyBytes, onerror: report });
  const sessions = createSessions(create, settings, app.deps.now);
  const sse = createSseRoutes(create);
  const stopNews = app.onSchemaChange((change) => {
    for (const uri of urisOf(change)) modern.notify.resourceUpdated(uri);
    if (change.listed) modern.notify.resourcesChanged();
  });

  const routes = new Hono();
  routes.all("/mcp", (c) => serveMcp(c, modern, sessions, settings.maxBodyBytes));
  routes.get("/healthz", (c) => c.json({ status: "ok", version: app.version }));
  routes.get("/readyz", (c) => {
    const health = app.health();
    return c.json({ status: health.ready ? "ready" : "degraded", sources: health.sources }, health.ready ? 200 : 503);
  });
  routes.get("/metrics", async (c) => c.text(await metrics.text(), 200, { "content-type": metrics.contentType }));
  if (admin !== undefined) routes.route("/admin", admin);
  routes.notFound((c) => c.json({ error: "not_found", help: "MCP is at /mcp; health at /healthz and /readyz." }, 404));
  routes.onError((cause, c) => {
    report(cause);
    return c.json({ error: "internal_error", help: "The log has the details." }, 500);
  });

  const listener = getRequestListener(async (request) => refusal(request, settings) ?? routes.fetch(request));
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost");
    if (!settings.sse || (path.pathname !== "/sse" && path.pathname !== "/messages"))
      return void listener(request, response);
    serveSse(request, response, path, settings, sse).catch((cause: unknown) => {
      report(cause);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await listen(server, settings);
  return {
    url: urlOf(server),
    async close() {
      stopNews();
      await Promise.all([modern.close(), sessions.close(), sse.close()]);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

type McpHandler = ReturnType<typeof createMcpHandler>;
type SessionStore = ReturnType<typeof createSessions>;

/** A client that keeps a session (or begins one) gets it; every other request is served by itself. */
async function serveMcp(c: Context, modern: McpHandler, sessions: SessionStore, maxBytes: number): Promise<Response> {
  const request = c.req.raw;
  if (request.headers.has("mcp-session-id")) return sessions.handle(request, undefined);
  if (request.method !== "POST") return modern.fetch(request);
  const body = await readJson(request, maxBytes);
  if (body instanceof Response) return body;
  const begins = isInitialize(body.json) && (await isLegacyRequest(request, body.json));
  return begins ? sessions.handle(request, body.json) : modern.fetch(request, { parsedBody: body.json });
}

function isInitialize(message: unknown): boolean {
  return typeof message === "object" && message !== null && "method" in message && message.method === "initialize";
}

async function readJson(request: Request, maxBytes: number): Promise<Response | { readonly json: unknown }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) return rpcError(413, -32600, `The request is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown };
  } catch (malformed) {
    if (malformed instanceof SyntaxError) return rpcError(400, -32700, "The request is not JSON.");
    throw malformed;
  }
}

function rpcError(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status });
}

/** The answer to a request that may not pass: a foreign Host or Origin (403), a missing token (401). */
function refusal(request: Request, settings: HttpSettings): Response | undefined {
  const hosts = [...localhostAllowedHostnames(), ...settings.allowedHosts];
  const foreign = hostHeaderValidationResponse(request, hosts) ?? originValidationResponse(request, hosts);
  if (foreign !== undefined) return foreign;
  const path = new URL(request.url).pathname;
  const open = path === "/healthz" || path === "/readyz" || path.startsWith("/admin");
  if (settings.token === undefined || open || bearerIs(request.headers.get("authorization"), settings.token))
    return undefined;
  return new Response("A bearer token is required.", { status: 401, headers: { "www-authenticate": "Bearer" } });
}

async function serveSse(
  request: IncomingMessage,
  response: ServerResponse,
  path: URL,
  settings: HttpSettings,
  sse: ReturnType<typeof createSseRoutes>,
): Promise<void> {
  const headers = new Headers();
  for (const name of ["host", "origin", "authorization"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  const refused = refusal(new Request(path, { headers }), settings);
  if (refused !== undefined) {
    response.writeHead(refused.status, Object.fromEntries(refused.headers)).end(await refused.text());
  } else if (path.pathname === "/sse" && request.method === "GET") {
    await sse.open(request, response);
  } else if (path.pathname === "/messages" && request.method === "POST") {
    await sse.post(request, response, path.searchParams.get("sessionId"));
  } else {
    response.writeHead(405).end();
  }
}

function listen(server: HttpServer, settings: HttpSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function urlOf(server: HttpServer): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
