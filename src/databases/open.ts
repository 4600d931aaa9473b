/**
 * Opens a source by its URL. Opening never touches the database: an unreachable one is reported by the first call and retried by the next.
 */

import { SextantError } from "../issue.js";
import { type Emit, silent } from "../telemetry.js";
import type { Connector } from "./connector.js";
import { openPostgres } from "./postgres/connect.js";
import type { ConnectorSettings } from "./settings.js";
import { openSqlite } from "./sqlite/connect.js";

/** @throws SextantError `bad_config_value` where the URL has another scheme. */
export function openConnector(settings: ConnectorSettings, emit: Emit = silent): Connector {
  if (settings.url.startsWith("sqlite:")) return openSqlite(settings);
  if (/^postgres(ql)?:/.test(settings.url)) return openPostgres(settings, emit);
  throw new SextantError("bad_config_value", "The source's URL has an unknown scheme.", {
    help: "Use sqlite:PATH or postgres://user@host/database.",
  });
}
