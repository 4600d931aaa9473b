/**
 * SQLite's errors as issues of ours. SQLite gives most of them one code (SQLITE_ERROR), so its fixed English texts are told apart here and
 * nowhere else. Texts that could quote a stored value are replaced.
 */

import { error, type Issue, type IssueCode, SextantError } from "../../issue.js";
import { WorkerError, type WorkerFailure } from "./children.js";

const texts: readonly (readonly [RegExp, IssueCode, string?])[] = [
  [/^no such table: /, "unknown_table"],
  [/^no such column: /, "unknown_column"],
  [/^no such function: |^unknown function/, "unknown_function"],
  [/^wrong number of arguments to function/, "unknown_function", "Check how many arguments the function takes."],
  [/^ambiguous column name/, "ambiguous_column", "Put the table's name or alias before the column."],
  [
    /^misuse of (?:aggregate|window function)/,
    "grouping_error",
    "An aggregate may not stand there; filter groups in HAVING.",
  ],
  [/syntax error$|^incomplete input|^unrecognized token|^near /, "syntax_error"],
  [/^sub-select returns \d+ columns/, "cardinality_error"],
  [/^no such (?:module|collation)/, "unsupported"],
  [/^The supplied SQL string contains more than one statement/, "multiple_statements", "Send one statement at a time."],
  [/^The supplied SQL string contains no statements/, "syntax_error", "The text holds no statement."],
  [/parameter value|named parameter|bind/i, "parameter_missing", "Give one value for each parameter of the statement."],
];

/** What SQLite said about a statement. */
export function issueFromWorker(failure: WorkerFailure): Issue {
  if (failure.gate === "not_read_only") {
    return error(
      "not_read_only",
      "Only a query is run here: one statement that begins with SELECT, WITH or VALUES and reads.",
      {
        help: "Send a query.",
      },
    );
  }
  if (failure.gate === "too_large") {
    return error("too_large", "A single row of the result is larger than the byte limit.", {
      help: "Select fewer or shorter columns, or a part of the text (substr(column, 1, 200)).",
    });
  }
  for (const [pattern, code, help] of texts) {
    if (pattern.test(failure.message))
      return error(code, sentence(failure.message), help === undefined ? {} : { help });
  }
  return byCode(failure);
}

function byCode({ code = "", message }: WorkerFailure): Issue {
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return error("lock_timeout", "Another process is writing to the database file.", {
      help: "Try again in a moment.",
    });
  }
  if (code === "SQLITE_NOMEM" || code === "SQLITE_TOOBIG")
    return error("too_large", "The statement needs more memory than it may use.");
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT"))
    return error("not_a_database", "The file is not a SQLite database, or is damaged.");
  if (/integer overflow/.test(message)) return error("value_error", "A number is out of its type's range.");
  if (/JSON/i.test(message)) return error("value_error", "A text is not the JSON that the statement takes it for.");
  return error("database_error", "SQLite refused the statement.");
}

/** Why a file could not be opened or read; no path in the message. `schema`: where it is not the source's own but one attached to it. */
export function openFailure(cause: unknown, schema?: string): SextantError {
  if (cause instanceof SextantError) return cause;
  const [file, place] =
    schema === undefined
      ? ["The database file", "the path of this source"]
      : [`The database file attached as "${schema}"`, `the setting attach.${schema} of this source`];
  const { code = "" } = (cause instanceof WorkerError ? cause.failure : (cause ?? {})) as { code?: string };
  if (code === "ENOENT")
    return new SextantError("file_missing", `${file} does not exist.`, {
      help: `Check ${place}.`,
      cause,
    });
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT") || code === "EISDIR") {
    return new SextantError(
      "not_a_database",
      schema === undefined
        ? "The file is not a SQLite database, or is damaged."
        : `${file} is not a SQLite database, or is damaged.`,
      {
        help: `Check ${place}.`,
        cause,
      },
    );
  }
  if (code === "EACCES" || code === "EPERM") {
    return new SextantError("source_unreachable", `${file} may not be read by this process.`, {
      help: "Check the file's permissions.",
      cause,
    });
  }
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new SextantError(
      "source_unreachable",
      schema === undefined
        ? "Another process holds the database file exclusively."
        : `Another process holds the file attached as "${schema}" exclusively.`,
      {
        help: "Try again in a moment.",
        cause,
      },
    );
  }
  return new SextantError("source_unreachable", `${file} cannot be opened now.`, {
    help: "Check the file and its folder's permissions.",
    cause,
  });
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
