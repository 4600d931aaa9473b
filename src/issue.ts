/**
 * What callers can mend, as data: an Issue says what is wrong, where, and what to do next; a Result carries a value or issues.
 * Errors are thrown only for what no caller can mend. Nobody matches on message text: match on `code`.
 */

export type Severity = "error" | "warning" | "info";

/** A stretch of the text that was checked. `offset` and `length` count UTF-16 code units from 0; `line` and `column` count from 1. */
export interface Place {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export interface Issue {
  /** Stable snake_case word, one of those in `issueCodes`. */
  readonly code: IssueCode;
  readonly severity: Severity;
  readonly message: string;
  readonly at?: Place;
  /** What to do next. */
  readonly help?: string;
  /** The nearest right answers, best first. */
  readonly candidates?: readonly string[];
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export function ok<T>(value: T, warnings: readonly Issue[] = []): Result<T> {
  return { ok: true, value, warnings };
}

export function fail(...issues: readonly Issue[]): { readonly ok: false; readonly issues: readonly Issue[] } {
  return { ok: false, issues };
}

type IssueDetail = Pick<Issue, "at" | "help" | "candidates">;

export function error(code: IssueCode, message: string, detail: IssueDetail = {}): Issue {
  return { code, severity: "error", message, ...detail };
}

export function warning(code: IssueCode, message: string, detail: IssueDetail = {}): Issue {
  return { code, severity: "warning", message, ...detail };
}

export function info(code: IssueCode, message: string, detail: IssueDetail = {}): Issue {
  return { code, severity: "info", message, ...detail };
}

/** The line and column of a stretch of `text`; `offset` and `length` in UTF-16 code units. */
export function placeIn(text: string, offset: number, length: number): Place {
  const start = Math.max(0, Math.min(offset, text.length));
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { offset: start, length: Math.min(length, text.length - start), line, column: start - lineStart + 1 };
}

/** A failure that no caller can mend by changing its input. `code` is stable; `cause` is the original error. */
export class SextantError extends Error {
  override readonly name = "SextantError";
  readonly code: IssueCode;
  readonly help: string | undefined;

  constructor(code: IssueCode, message: string, options: { readonly help?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.help = options.help;
  }
}

/** An error as an Issue; anything that is not ours is `internal_error` and its text stays in the log. */
export function issueOf(thrown: unknown): Issue {
  if (thrown instanceof SextantError) {
    return error(thrown.code, thrown.message, thrown.help === undefined ? {} : { help: thrown.help });
  }
  return error("internal_error", "Something failed inside Sextant; the log has the details.", {
    help: "Try again; if it fails again, report it with the time of the call.",
  });
}

/** Every issue code there is, with its meaning. One line a code, kept in alphabetical order within its group. */
export const issueCodes = {
  // requests
  bad_cursor: "The cursor is malformed or belongs to another query.",
  cancelled: "The caller cancelled the call.",
  internal_error: "A fault in Sextant itself.",
  invalid_argument: "An argument has the wrong shape, or contradicts another.",
  not_found: "The thing named does not exist.",
  permission_denied: "The caller or the role may not do this.",
  stale_cursor: "The cursor is from an older schema version; start again.",
  timeout: "A time limit was reached.",
  too_large: "A size limit was reached.",
  switched_off: "The configuration switches this off.",
  // sources
  authentication_failed: "The database refused the credentials.",
  detector_blind: "A change was found that the database's announcements missed.",
  database_error: "The database refused for a reason not listed here.",
  file_missing: "The database file does not exist.",
  mass_disappearance: "Most tables vanished at once; the loss is held back until a second look confirms it.",
  not_a_database: "The file is not a database.",
  source_unreachable: "The database cannot be reached now; it is retried.",
  superuser_connection: "The connection is a superuser or bypasses row security.",
  superuser_refused: "The connection is a superuser or bypasses row security; refused unless allowed by configuration.",
  unknown_source: "No source of that name is configured.",
  // configuration
  bad_config: "The configuration is malformed.",
  bad_config_value: "A setting has a value outside its range or type.",
  config_conflict: "Another writer changed the configuration first.",
  needs_restart: "The setting takes effect at the next start.",
  state_unavailable: "The durable records cannot be reached or read.",
  unknown_setting: "No setting of that name exists.",
  // queries
  fan_out: "Rows would be counted more than once.",
  mixed_currencies: "Amounts in several currencies would be added up.",
  not_additive: "The measure cannot be added up this way.",
  // names and terms
  ambiguous_term: "The term fits several things equally well.",
  ambiguous_column: "The column name stands in several tables of the statement.",
  unknown_column: "No such column.",
  unknown_function: "No such function.",
  unknown_schema: "No such schema.",
  unknown_table: "No such table.",
  unknown_term: "Nothing in the schema fits the term.",
  client_choice: "The person at the client picked among the readings.",
  client_model: "The client's own model read the question.",
  unreachable: "No usable links join the tables.",
  unknown_value: "The stored values of the column hold nothing like it.",
  unknown_version: "No such schema version is kept.",
  // statements, as the database itself judges them
  ambiguous_function: "Several functions fit the call.",
  cardinality_error: "A subquery used as a value returned more than one row.",
  division_by_zero: "A division by zero.",
  grouping_error: "A column is neither grouped nor aggregated, or an aggregate stands where none may.",
  lock_timeout: "Another transaction holds a lock that the statement needs.",
  multiple_statements: "The text holds more than one statement.",
  not_read_only: "The statement would write, or is of a kind that is not run here.",
  parameter_missing: "The parameters given do not fit those of the statement.",
  syntax_error: "The statement does not parse.",
  type_mismatch: "A value has a type that does not fit where it stands.",
  unavailable: "A part could not be read in time or at all; it is left out, not guessed.",
  unsupported: "The database does not support this.",
  value_error: "A value does not have the form or range that its type wants.",
  // statements
  wrong_dialect: "The statement uses another database's dialect.",
  not_a_query: "The statement is not a query.",
  catalog_closed: "System catalogs are closed; discover_schema tells what they hold.",
  function_closed: "The function is not among those that a query may call.",
  operator_closed: "The operator is not among those that a query may use.",
  type_closed: "Values may not be cast to the type.",
  table_closed: "The role may not read the table.",
  column_closed: "The role may not read the column.",
  missing_group_by: "A column is neither grouped nor aggregated.",
  cost_too_high: "The planner's estimate is above the limit.",
  not_compiled: "The database could not be asked; the answer rests on the snapshot.",
  stale_schema: "The database knows what the snapshot does not yet.",
  // statements that run and lie
  aggregated_average: "An average of averages weighs small groups as much as large ones.",
  cartesian_product: "Tables stand side by side without a condition that joins them.",
  implicit_cast: "A column is converted before it is compared, so that no index serves.",
  integer_division: "Whole numbers are divided, and the fraction is lost.",
  join_on_part_of_key: "A join uses only a part of a composite key.",
  join_on_unrelated: "Columns are joined that nothing relates.",
  limit_without_order: "LIMIT without ORDER BY returns arbitrary rows.",
  missing_soft_delete_filter: "Rows marked as deleted are read along.",
  not_in_nullable: "NOT IN over a set with a NULL is never true.",
  null_comparison: "A comparison with NULL by = or <> is never true.",
  outer_join_undone: "A condition in WHERE undoes the outer join.",
  self_comparison: "A column is compared with itself.",
  semi_additive_sum: "A balance is summed over time.",
  timestamp_between: "BETWEEN on timestamps leaves out the last day's times, or counts a border twice.",
} as const satisfies Record<string, string>;

export type IssueCode = keyof typeof issueCodes;
