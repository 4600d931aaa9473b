/**
 * PostgreSQL's errors as issues of ours, by SQLSTATE. The server's text is passed on only for the classes whose text names schema
 * objects or syntax; messages that can quote a stored value (casts, constraints, raised errors) are replaced.
 * Source of the codes: PostgreSQL manual, appendix A.
 */

import { error, type Issue, type IssueCode, type Place, placeIn, SextantError } from "../../issue.js";

/** What node-postgres puts on an error that came from the server. */
export interface ServerError extends Error {
  readonly code?: string;
  readonly position?: string;
  readonly severity?: string;
  readonly routine?: string;
}

interface Meaning {
  readonly code: IssueCode;
  /** Left out: the server's own message is safe to show. */
  readonly message?: string;
  readonly help?: string;
}

const meanings: Readonly<Record<string, Meaning>> = {
  "42601": { code: "syntax_error" },
  "42703": { code: "unknown_column" },
  "42P01": { code: "unknown_table" },
  "3F000": { code: "unknown_schema" },
  "42883": {
    code: "unknown_function",
    help: "Check the function's name and the types of its arguments; a cast may be missing.",
  },
  "42702": { code: "ambiguous_column", help: "Put the table's name or alias before the column." },
  "42725": { code: "ambiguous_function", help: "Cast the arguments so that one function fits." },
  "42803": { code: "grouping_error", help: "Every selected column must be aggregated or stand in GROUP BY." },
  "42804": { code: "type_mismatch" },
  "42846": { code: "type_mismatch" },
  "42P18": { code: "type_mismatch", help: "Cast the parameter so that its type is known." },
  "42P08": { code: "type_mismatch", help: "Cast the parameter so that its type is known." },
  "42P02": { code: "parameter_missing" },
  "08P01": { code: "parameter_missing", message: "The number of parameters does not fit the statement." },
  "42501": { code: "permission_denied" },
  "25006": { code: "not_read_only", message: "The statement would write; this connection is read-only." },
  "57014": { code: "timeout", message: "The statement was stopped at its time limit or cancelled." },
  "55P03": {
    code: "lock_timeout",
    message: "Another transaction holds a lock on an object of this statement.",
    help: "Try again in a moment.",
  },
  "54001": { code: "too_large", message: "The statement is too complex for the server." },
  "53200": { code: "too_large", message: "The server ran out of memory for this statement." },
  "53400": { code: "too_large", message: "The statement passed a limit that the server's configuration sets." },
  "22012": { code: "division_by_zero", message: "Division by zero.", help: "Divide by NULLIF(…, 0)." },
  "22003": { code: "value_error", message: "A number is out of its type's range." },
  "22P02": {
    code: "value_error",
    message: "A value does not have the form that its type wants.",
    help: "Compare text with text, or cast only what has the right form.",
  },
  "22007": { code: "value_error", message: "A value is not a date or time of the expected form." },
  "22008": { code: "value_error", message: "A date or time is out of range." },
  "21000": { code: "cardinality_error", message: "A subquery used as a value returned more than one row." },
};

const classes: Readonly<Record<string, Meaning>> = {
  "42": { code: "syntax_error" },
  "22": { code: "value_error", message: "A value does not fit where the statement uses it." },
  "53": { code: "too_large", message: "The server lacks the resources for this statement." },
  "0A": { code: "unsupported" },
};

/** An error that the server raised about a statement. `sql` gives the place its line and column; `prefix` UTF-16 units stood before it. */
export function issueFromServer(cause: ServerError, sql: string, prefix = 0): Issue {
  const state = cause.code ?? "";
  if (state === "42601" && cause.routine === "exec_parse_message") {
    return error("multiple_statements", "The text holds more than one statement.", {
      help: "Send one statement at a time.",
    });
  }
  const meaning = meanings[state] ??
    classes[state.slice(0, 2)] ?? {
      code: "database_error",
      message: `The database refused the statement (SQLSTATE ${state || "unknown"}).`,
    };
  const at = placeOf(cause, sql, prefix);
  return error(meaning.code, meaning.message ?? sentence(cause.message), {
    ...(at === undefined ? {} : { at }),
    ...(meaning.help === undefined ? {} : { help: meaning.help }),
  });
}

/** The server counts characters (code points) from 1; a Place counts UTF-16 code units from 0. */
function placeOf(cause: ServerError, sql: string, prefix: number): Place | undefined {
  const position = Number(cause.position) - prefix;
  if (!Number.isInteger(position) || position < 1) return undefined;
  const offset = Array.from(sql)
    .slice(0, position - 1)
    .join("").length;
  const word = /^(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|\S)/u.exec(sql.slice(offset))?.[0] ?? "";
  return placeIn(sql, offset, word.length);
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** Whether this came from the server about a statement (and not from the connection). */
export function isServerError(cause: unknown): cause is ServerError {
  if (!(cause instanceof Error)) return false;
  const { code, severity } = cause as ServerError;
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined && !isConnectionState(code);
}

/** 08 connection exceptions (but 08P01), 57P01 to 57P05 shutdown and killed sessions, 53300 too many connections. */
function isConnectionState(code: string): boolean {
  return (code.startsWith("08") && code !== "08P01") || code.startsWith("57P") || code === "53300";
}

/** Why the database could not be reached, without address or secret. The original error travels as `cause`, for the log. */
export function connectionFailure(cause: unknown): SextantError {
  if (cause instanceof SextantError) return cause;
  const { code = "", message = "" } = (cause ?? {}) as { code?: string; message?: string };
  if (code.startsWith("28") || /SASL|password/i.test(message)) {
    return new SextantError("authentication_failed", "The database refused the credentials.", {
      help: "Check the user and password of this source.",
      cause,
    });
  }
  return new SextantError("source_unreachable", `The database cannot be reached now: ${reason(code, message)}.`, {
    help: "It is retried by the next call; check that the server runs and accepts connections from here.",
    cause,
  });
}

function reason(code: string, message: string): string {
  const known: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens at its address",
    ENOTFOUND: "the host's name does not resolve",
    EAI_AGAIN: "the host's name does not resolve now",
    ENOENT: "its socket does not exist",
    ETIMEDOUT: "it does not answer",
    ECONNRESET: "the connection was cut",
    EPIPE: "the connection was cut",
    "3D000": "the server has no such database",
    "53300": "the server has no free connection",
    "57P01": "the connection was ended by an administrator",
    "57P02": "the server crashed",
    "57P03": "the server is starting or shutting down",
  };
  const exact = known[code];
  if (exact !== undefined) return exact;
  if (/timeout/i.test(message)) return "no connection came free or was made in time";
  if (/SSL|TLS|certificate/i.test(`${code} ${message}`))
    return "the TLS connection failed (see sslmode and sslrootcert)";
  return "the connection failed";
}
