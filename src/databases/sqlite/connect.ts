/** One SQLite file, and those attached to it, behind the port. Our own fixed catalog statements run here; people's SQL and their rows stay in child processes. */

import type { Connector } from "../connector.js";
import { type ConnectorSettings, limitsOf } from "../settings.js";
import { Children } from "./children.js";
import { compile } from "./compile.js";
import { explain } from "./explain.js";
import { SqliteFiles } from "./file.js";
import { inspect } from "./inspect.js";
import { inclusion, profile } from "./profile.js";
import { run } from "./run.js";
import type { SqliteSource } from "./source.js";
import { readStamp } from "./stamp.js";

export function openSqlite(settings: ConnectorSettings): Connector {
  const path = pathOf(settings.url);
  const attached = Object.entries(settings.attach ?? {}).map(([schema, url]) => ({ schema, path: pathOf(url) }));
  const limits = limitsOf(settings);
  const source: SqliteSource = {
    files: new SqliteFiles(path, attached),
    catalog: new SqliteFiles(path, attached),
    children: new Children({ path, attached }, limits),
    limits,
  };
  let inspecting: Promise<unknown> = Promise.resolve();
  return {
    dialect: "sqlite",
    inspect: (options) => {
      const next = inspecting.then(() => inspect(source, options));
      inspecting = next.catch(() => undefined); // its own caller hears of the failure
      return next;
    },
    profile: (tables, budget, signal) => profile(source, tables, budget, signal),
    inclusion: (from, to, maxRows, signal) => inclusion(source, from, to, maxRows, signal),
    stamp: async () => readStamp(source.files),
    compile: (sql, signal) => compile(source, sql, signal),
    explain: (sql, _params, signal) => explain(source, sql, signal),
    run: (request, signal) => run(source, request, signal),
    close: async () => {
      await inspecting;
      source.files.close();
      source.catalog.close();
      source.children.close();
    },
  };
}

function pathOf(url: string): string {
  return url.slice("sqlite:".length);
}
