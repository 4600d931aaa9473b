/** One PostgreSQL source behind the port. Constructs, and holds what its calls share: the sessions and the last stamp. */

import type { Emit } from "../../telemetry.js";
import type { Connector } from "../connector.js";
import type { ConnectorSettings } from "../settings.js";
import { compile } from "./compile.js";
import { explain } from "./explain.js";
import { inspect } from "./inspect.js";
import { listen } from "./listen.js";
import { inclusion, profile } from "./profile.js";
import { run } from "./run.js";
import { foreignError, Sessions } from "./sessions.js";
import { Stamps } from "./stamp.js";

export function openPostgres(settings: ConnectorSettings, emit: Emit): Connector {
  const sessions = new Sessions(settings, emit);
  const stamps = new Stamps(sessions);
  const { limits } = sessions;
  return {
    dialect: "postgres",
    inspect: (options) => ours(inspect(sessions, stamps, options), limits.inspectTimeoutMs),
    profile: (tables, budget, signal) => ours(profile(sessions, tables, budget, signal), budget.maxTimeMs),
    inclusion: (from, to, maxRows, signal) =>
      ours(inclusion(sessions, from, to, maxRows, signal), limits.planTimeoutMs),
    stamp: (told) => ours(stamps.read(told), limits.inspectTimeoutMs),
    compile: (sql, signal) => compile(sessions, sql, signal),
    explain: (sql, params, signal) => explain(sessions, sql, params, signal),
    run: (request, signal) => run(sessions, request, signal),
    listen: (onSignal) => listen(sessions, emit, onSignal),
    close: () => sessions.close(),
  };
}

/** What the server says about a statement of our own, as an error of ours. */
async function ours<T>(work: Promise<T>, limitMs: number): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw foreignError(cause, "", limitMs);
  }
}
