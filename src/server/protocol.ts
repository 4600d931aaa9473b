/**
 * One MCP server instance over the app: tools, resources with templates and completion, prompts, subscriptions, progress, cancellation.
 * The same instance serves protocol versions 2024-10-07 to 2025-11-25 and 2026-07-28; the transports decide which. Instances are cheap:
 * one a connection or a request, never shared between clients.
 */

import { ProtocolError, ProtocolErrorCode, Server, type ServerContext } from "@modelcontextprotocol/server";
import type { Call, ClientHelp } from "../tools/tool.js";
import type { App, ConfigChangeNews, SchemaChangeNews } from "./app.js";
import { instructions } from "./instructions.js";
import { prompts } from "./prompts.js";
import { completeVariable, glossaryUri, listResources, readResource, resourceTemplates, urisOf } from "./resources.js";
import { callTool, type ListedTool } from "./tool-calls.js";

const serverName = "sextant";
/** How long a client may keep the list of tools (which never varies) and reads of the schema, ms. */
const listTtlMs = 300_000;
/** How long the client's model and its person may take to answer us, ms. */
const modelTimeoutMs = 60_000;
const personTimeoutMs = 300_000;
/** Completion answers at most this many values; the protocol's own bound. */
const maxCompletions = 100;
/** At most this many resource subscriptions a connection. */
const maxSubscriptions = 1_000;

const capabilities = {
  logging: {},
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: false },
  completions: {},
};

/** The app once it is wired, with its tools as they are listed. */
export interface Ready {
  readonly app: App;
  readonly listed: readonly ListedTool[];
}

/** `ready` may still be on its way: `initialize` is answered at once, whatever needs the app waits for it. */
export function createProtocolServer(version: string, ready: Promise<Ready>): Server {
  const info = { name: serverName, title: "Sextant", version };
  const list = { ttlMs: listTtlMs, cacheScope: "private" as const };
  const server = new Server(info, {
    capabilities,
    instructions,
    cacheHints: {
      "tools/list": list,
      "prompts/list": list,
      "resources/templates/list": list,
      "resources/list": list,
      "server/discover": list,
    },
  });
  addTools(server, ready);
  addResources(server, ready);
  addPrompts(server, ready);
  return server;
}

function addTools(server: Server, ready: Promise<Ready>): void {
  server.setRequestHandler("tools/list", async () => ({ tools: [...(await ready).listed] }));
  server.setRequestHandler("tools/call", async (request, ctx) => {
    const { app } = await ready;
    const tool = app.tools.find((t) => t.name === request.params.name);
    if (tool === undefined) {
      const known = app.tools.map((t) => t.name).join(", ");
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown tool "${request.params.name}". Known: ${known}.`,
      );
    }
    return callTool(app, tool, request.params.arguments, { ...callOf(ctx), client: clientHelp(server, ctx) });
  });
}

function addResources(server: Server, ready: Promise<Ready>): void {
  server.setRequestHandler("resources/list", async () => ({
    resources: [...listResources((await ready).app.deps.sources)],
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: resourceTemplates.map((template) => ({ ...template })),
  }));
  server.setRequestHandler("resources/read", async (request, ctx) => {
    const { uri } = request.params;
    const read = await readResource((await ready).app, uri, callOf(ctx));
    if (read === undefined)
      throw new ProtocolError(ProtocolErrorCode.ResourceNotFound, `No resource "${uri}".`, { uri });
    if ("issues" in read) {
      const missing = read.issues.every((i) => i.code === "unknown_table");
      const code = missing ? ProtocolErrorCode.ResourceNotFound : ProtocolErrorCode.InternalError;
      throw new ProtocolError(code, read.issues.map((i) => i.message).join(" "), { uri, issues: read.issues });
    }
    return { contents: [{ uri, mimeType: read.mimeType, text: read.text }] };
  });
  server.setRequestHandler("completion/complete", async (request, ctx) => {
    const { argument, context, ref } = request.params;
    const known = ref.type === "ref/prompt" ? prompts.some((p) => p.name === ref.name) : isTemplate(ref.uri);
    if (!known) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "No such prompt or resource template.");
    const source = context?.arguments?.source;
    const values = await completeVariable((await ready).app, argument.name, argument.value, source, callOf(ctx));
    return {
      completion: {
        values: values.slice(0, maxCompletions),
        total: values.length,
        hasMore: values.length > maxCompletions,
      },
    };
  });
  addSubscriptions(server, ready);
}

function isTemplate(uri: string): boolean {
  return resourceTemplates.some((t) => t.uriTemplate === uri);
}

/** Subscriptions of a connection that lives on (the older protocols); `subscriptions/listen` is the transport's own. */
function addSubscriptions(server: Server, ready: Promise<Ready>): void {
  const subscribed = new Set<string>();
  server.setRequestHandler("resources/subscribe", (request) => {
    if (subscribed.size >= maxSubscriptions && !subscribed.has(request.params.uri)) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `At most ${maxSubscriptions} subscriptions a connection.`,
      );
    }
    subscribed.add(request.params.uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", (request) => {
    subscribed.delete(request.params.uri);
    return {};
  });
  const listening = ready.then(({ app }) => {
    const schema = app.onSchemaChange((change) => tell(server, app, subscribed, change));
    const config = app.onConfigChange((change) => tellConfig(server, app, subscribed, change));
    return () => {
      schema();
      config();
    };
  });
  // A wiring that failed ends the process by itself.
  server.onclose = () => void listening.then((stop) => stop()).catch(() => undefined);
  listening.catch(() => undefined);
}

function tell(server: Server, app: App, subscribed: ReadonlySet<string>, change: SchemaChangeNews): void {
  const data = { event: "schema_changed", source: change.source, tables: change.tables };
  notify(server, app, subscribed, urisOf(change), data);
  if (!change.listed || server.transport === undefined) return;
  const report = (cause: unknown) => app.emit({ event: "failure", where: "notification", cause });
  server.sendResourceListChanged().catch(report);
}

function tellConfig(server: Server, app: App, subscribed: ReadonlySet<string>, change: ConfigChangeNews): void {
  const bears = change.settings.some((path) => /(^|\.)glossary$/u.test(path));
  const uris = bears ? app.deps.sources.map(glossaryUri) : [];
  notify(server, app, subscribed, uris, { event: "config_changed", ...change });
}

/** Tells of resources that are new, and older clients what happened besides. */
function notify(
  server: Server,
  app: App,
  subscribed: ReadonlySet<string>,
  uris: readonly string[],
  data: Readonly<Record<string, unknown>>,
): void {
  if (server.transport === undefined) return;
  const report = (cause: unknown) => app.emit({ event: "failure", where: "notification", cause });
  const modern = (server.getNegotiatedProtocolVersion() ?? "") >= "2026-07-28";
  // To a client of 2026-07-28 the transport passes on only what `subscriptions/listen` asked for.
  for (const uri of uris.filter((each) => modern || subscribed.has(each)))
    server.sendResourceUpdated({ uri }).catch(report);
  if (!modern) server.sendLoggingMessage({ level: "notice", logger: serverName, data }).catch(report);
}

function addPrompts(server: Server, ready: Promise<Ready>): void {
  server.setRequestHandler("prompts/list", () => ({
    prompts: prompts.map(({ text: _text, arguments: args, ...prompt }) => ({
      ...prompt,
      arguments: args.map((a) => ({ ...a })),
    })),
  }));
  server.setRequestHandler("prompts/get", async (request) => {
    const { app } = await ready;
    const prompt = prompts.find((p) => p.name === request.params.name);
    if (prompt === undefined) {
      const known = prompts.map((p) => p.name).join(", ");
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown prompt "${request.params.name}". Known: ${known}.`,
      );
    }
    const args = request.params.arguments ?? {};
    const missing = prompt.arguments.filter((a) => a.required === true && !args[a.name]);
    if (missing.length > 0) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Missing: ${missing.map((a) => a.name).join(", ")}.`);
    }
    if (args.source !== undefined && !app.deps.sources.includes(args.source)) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown source. Known: ${app.deps.sources.join(", ")}.`,
      );
    }
    return {
      description: prompt.description,
      messages: [{ role: "user" as const, content: { type: "text" as const, text: prompt.text(args) } }],
    };
  });
}

/** The client's model and person, where it declared them; from 2026-07-28 on a server no longer asks in the middle of a call. */
function clientHelp(server: Server, ctx: ServerContext): ClientHelp {
  const offered = server.getClientCapabilities();
  if (offered === undefined || (server.getNegotiatedProtocolVersion() ?? "") >= "2026-07-28") return {};
  const { signal } = ctx.mcpReq;
  const complete: ClientHelp["complete"] = async ({ system, prompt, maxTokens }) => {
    const messages = [{ role: "user" as const, content: { type: "text" as const, text: prompt } }];
    const params = { messages, systemPrompt: system, maxTokens, temperature: 0 };
    const { content } = await ctx.mcpReq.requestSampling(params, { signal, timeout: modelTimeoutMs });
    const blocks = Array.isArray(content) ? content : [content];
    return blocks.map((b) => (b.type === "text" ? b.text : "")).join("");
  };
  const choose: ClientHelp["choose"] = async (message, labels) => {
    const choice = { type: "string" as const, title: "Which one", enum: [...labels] };
    const requestedSchema = { type: "object" as const, properties: { choice }, required: ["choice"] };
    const params = { mode: "form" as const, message, requestedSchema };
    const { action, content } = await ctx.mcpReq.elicitInput(params, { signal, timeout: personTimeoutMs });
    const at = action === "accept" ? labels.indexOf(String(content?.choice)) : -1;
    return at < 0 ? undefined : at;
  };
  return {
    ...(offered.sampling === undefined ? {} : { complete }),
    ...(offered.elicitation === undefined ? {} : { choose }),
  };
}

function callOf(ctx: ServerContext): Call {
  const token = ctx.mcpReq._meta?.progressToken;
  return {
    signal: ctx.mcpReq.signal,
    caller: {
      user: ctx.http?.authInfo?.clientId ?? "local",
      role: ctx.http?.authInfo?.scopes[0] ?? "user",
      ...(ctx.sessionId === undefined ? {} : { session: ctx.sessionId }),
    },
    progress(done, total, message) {
      if (token === undefined || ctx.mcpReq.signal.aborted) return;
      const params = { progressToken: token, progress: done, message, ...(total === undefined ? {} : { total }) };
      // A client that is gone gets no progress; the call itself ends by its signal.
      ctx.mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
    },
  };
}
