/** One SQLite file behind the port. Our own fixed catalog statements run here; people's SQL and their rows stay in child processes. */

import type { Connector } from "../connector.js";
import { type ConnectorSettings, limitsOf } from "../settings.js";
import { Children } from "./children.js";
import { compile } from "./compile.js";
import { explain } from "./explain.js";
import { SqliteFile } from "./file.js";
import { inspect } from "./inspect.js";
import { inclusion, profile } from "./profile.js";
import { run } from "./run.js";
import type { SqliteSource } from "./source.js";
import { readStamp } from "./stamp.js";

export function openSqlite(settings: ConnectorSettings): Connector {
  const path = settings.url.slice("sqlite:".length);
  const limits = limitsOf(settings);
  const source: SqliteSource = {
    file: new SqliteFile(path),
    catalog: new SqliteFile(path),
    children: new Children(path, limits),
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
    stamp: async () => readStamp(source.file),
    compile: (sql, signal) => compile(source, sql, signal),
    explain: (sql, _params, signal) => explain(source, sql, signal),
    run: (request, signal) => run(source, request, signal),
    close: async () => {
      await inspecting;
      source.file.close();
      source.catalog.close();
      source.children.close();
    },
  };
}
