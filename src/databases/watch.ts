/**
 * Installs, removes and reports the event triggers by which PostgreSQL announces DDL. The one place that writes to a source, and only when a
 * person asks for it by name, with a role that may create event triggers. SQLite needs none: its schema_version is read instead.
 */

import { Client } from "pg";
import { SextantError } from "../issue.js";
import { connectionFailure, isServerError } from "./postgres/errors.js";
import { clientConfig } from "./postgres/sessions.js";
import { statement } from "./postgres/statements.js";
import { readTriggers } from "./postgres/triggers.js";
import { type ConnectorSettings, limitsOf } from "./settings.js";

export interface WatchStatus {
  readonly installed: boolean;
  /** Both triggers fire for every session; false means that some DDL goes unannounced. */
  readonly complete: boolean;
  /** Why nothing is announced although the triggers are there; changes are polled then. */
  readonly quiet?: string;
  readonly channel: string;
}

const quiet =
  "max_prepared_transactions is above 0: PREPARE TRANSACTION would refuse a transaction that has announced something, so nothing is announced.";

/** Idempotent. @throws SextantError `permission_denied` where the role may not create event triggers. */
export function installWatch(settings: ConnectorSettings): Promise<WatchStatus> {
  const channel = `'${limitsOf(settings).channel.replaceAll("'", "''")}'`;
  return change(settings, statement("watch-install").replace(":channel,", `${channel},`));
}

/** Idempotent; leaves nothing of ours behind. */
export function removeWatch(settings: ConnectorSettings): Promise<WatchStatus> {
  return change(settings, statement("watch-remove"));
}

export function watchStatus(settings: ConnectorSettings): Promise<WatchStatus> {
  return change(settings, undefined);
}

async function change(settings: ConnectorSettings, sql: string | undefined): Promise<WatchStatus> {
  if (settings.url.startsWith("sqlite:")) {
    throw new SextantError(
      "unsupported",
      "SQLite has no event triggers, and needs none: its changes are polled at once.",
      {
        help: "Watch triggers are for PostgreSQL sources.",
      },
    );
  }
  const client = new Client(clientConfig(settings));
  client.on("error", () => undefined); // the query that it breaks reports it
  try {
    await client.connect();
    if (sql !== undefined) await client.query(`BEGIN; SET LOCAL lock_timeout = '2s'; ${sql}; COMMIT`);
    const { installed, complete, quiet: isQuiet } = await readTriggers(client);
    return { installed, complete, channel: limitsOf(settings).channel, ...(isQuiet ? { quiet } : {}) };
  } catch (cause) {
    throw isServerError(cause) ? refused(cause) : connectionFailure(cause);
  } finally {
    await client.end();
  }
}

function refused(cause: Error & { readonly code?: string }): SextantError {
  if (cause.code === "42501") {
    return new SextantError("permission_denied", "This role may not create event triggers.", {
      help: "Run `sextant watch install` with the URL of an administrator; without it, changes are polled.",
      cause,
    });
  }
  // SQLSTATE read_only_sql_transaction: a standby.
  if (cause.code === "25006") {
    return new SextantError("unsupported", "This is a standby: triggers are installed on its primary.", {
      help: "Announcements do not travel to standbys; a source that is one is polled.",
      cause,
    });
  }
  return new SextantError("database_error", `The database refused (SQLSTATE ${cause.code ?? "unknown"}).`, { cause });
}
