/**
 * Resources: a source's schema, a table, the change log and the glossary, by URI. They answer with what the tools answer, so that
 * there is one truth. `schema://{source}`, `schema://{source}/{table}`, `changes://{source}`, `glossary://{source}`.
 */

import { error, type Issue } from "../issue.js";
import { printRef, tableKey } from "../schema/names.js";
import type { Call } from "../tools/tool.js";
import type { App, SchemaChangeNews } from "./app.js";
import { callTool } from "./tool-calls.js";

export const resourceTemplates = [
  {
    name: "schema",
    title: "Schema overview",
    uriTemplate: "schema://{source}",
    description: "The areas of a source's schema, with hub tables and key words.",
    mimeType: "text/plain",
  },
  {
    name: "table",
    title: "Table",
    uriTemplate: "schema://{source}/{table}",
    description: "One table with columns, keys, links, indexes and checks.",
    mimeType: "text/plain",
  },
  {
    name: "changes",
    title: "Schema changes",
    uriTemplate: "changes://{source}",
    description: "What changed in a source's schema, newest first, with impact and advice.",
    mimeType: "text/plain",
  },
  {
    name: "glossary",
    title: "Glossary",
    uriTemplate: "glossary://{source}",
    description: "The metrics and terms that people defined for a source.",
    mimeType: "application/json",
  },
] as const;

export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly mimeType: string;
}

export function listResources(sources: readonly string[]): readonly ListedResource[] {
  return sources.flatMap((source) =>
    resourceTemplates
      .filter((t) => t.name !== "table")
      .map((t) => ({
        uri: t.uriTemplate.replace("{source}", encodeURIComponent(source)),
        name: `${t.name}:${source}`,
        title: `${t.title} of ${source}`,
        mimeType: t.mimeType,
      })),
  );
}

/** The URIs whose content a schema change alters. */
export function urisOf(change: SchemaChangeNews): readonly string[] {
  const source = encodeURIComponent(change.source);
  const tables = change.tables.map((table) => `schema://${source}/${encodeURIComponent(table)}`);
  return [`schema://${source}`, `changes://${source}`, ...tables];
}

export function glossaryUri(source: string): string {
  return `glossary://${encodeURIComponent(source)}`;
}

export type ReadResource = { readonly text: string; readonly mimeType: string } | { readonly issues: readonly Issue[] };

/** Reads a resource; `undefined` where no such URI can exist. */
export async function readResource(app: App, uri: string, call: Call): Promise<ReadResource | undefined> {
  const parsed = parseUri(uri);
  if (parsed === undefined || !app.deps.sources.includes(parsed.source)) return undefined;
  const { kind, source, table } = parsed;
  if (kind === "glossary") {
    return { text: JSON.stringify(app.deps.glossary(source), null, 1), mimeType: "application/json" };
  }
  if (kind === "changes") return viaTool(app, "schema_changes", { source, refresh: false }, call);
  const detail = table === undefined ? { detail: "overview" } : { detail: "full", tables: [table], max_tokens: 20_000 };
  return viaTool(app, "discover_schema", { source, ...detail }, call);
}

/** Completions of a template's variable: sources, and tables of a source. */
export async function completeVariable(
  app: App,
  variable: string,
  typed: string,
  source: string | undefined,
  call: Call,
): Promise<readonly string[]> {
  const begins = (value: string) => value.toLowerCase().startsWith(typed.toLowerCase());
  if (variable === "source") return app.deps.sources.filter(begins);
  const named = source ?? app.deps.defaultSource;
  if (variable !== "table" || named === undefined || !app.deps.sources.includes(named)) return [];
  const live = await app.deps.live(named, { call });
  if (!live.ok) return [];
  const { snapshot } = live.value;
  return snapshot.tables.filter((t) => begins(t.name) || begins(tableKey(t))).map((t) => printRef(snapshot, t));
}

async function viaTool(app: App, name: string, args: object, call: Call): Promise<ReadResource> {
  const tool = app.tools.find((t) => t.name === name);
  if (tool === undefined) return { issues: [error("switched_off", `${name} is switched off here.`)] };
  const reply = await callTool(app, tool, args, call);
  const text = reply.content.map((c) => c.text).join("\n");
  return reply.isError === true
    ? { issues: reply.structuredContent.issues as Issue[] }
    : { text, mimeType: "text/plain" };
}

function parseUri(
  uri: string,
): { kind: "schema" | "changes" | "glossary"; source: string; table?: string } | undefined {
  const match = /^(schema|changes|glossary):\/\/([^/]+)(?:\/(.+))?$/u.exec(uri);
  if (match === null) return undefined;
  const [, kind, source, table] = match;
  if (table !== undefined && kind !== "schema") return undefined;
  try {
    return {
      kind: kind as "schema",
      source: decodeURIComponent(source ?? ""),
      ...(table === undefined ? {} : { table: decodeURIComponent(table) }),
    };
  } catch (malformed) {
    if (malformed instanceof URIError) return undefined;
    throw malformed;
  }
}
