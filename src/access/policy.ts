/**
 * What a role may read and call, as plain data, by allow-list. Pure: it decides over names, knows no SQL text and no database. The database's own rights
 * stand behind it; this only ever narrows them.
 */

import { globFits } from "../schema/glob.js";
import type { DialectName, Routine, SchemaSnapshot, TableName } from "../schema/snapshot.js";
import { postgresClosedFunctions, postgresFunctions, postgresOperators, postgresTypes } from "./functions-postgres.js";
import { sqliteClosedFunctions, sqliteFunctions } from "./functions-sqlite.js";

export interface Policy {
  /** The role it is for, as messages name it. */
  readonly role: string;
  readonly functions: FunctionPolicy;
  /** Operator symbols; SQLite has no user-defined ones. (`*` is multiplication, not a wildcard.) */
  readonly operators: "any" | readonly string[];
  /** Types that values may be cast to; the snapshot's own are added. */
  readonly types: "any" | readonly string[];
  /** Which tables and columns; the first rule whose `table` fits decides, none is no. */
  readonly tables: readonly TableRule[];
  /** Globs over `table.column` of columns that are closed wherever they stand, whatever the table's rule says. */
  readonly closedColumns: readonly string[];
}

/** What an operator configures for a role. */
export interface PolicySettings {
  /** Globs of tables (`table` or `schema.table`) that may be read; default all. */
  readonly allowTables?: readonly string[];
  /** Globs of tables that may not; wins. */
  readonly denyTables: readonly string[];
  /** Globs of columns, `table.column`, that may not be read. */
  readonly denyColumns: readonly string[];
  /** Functions allowed beyond the built-in list: names, or `schema.name` of the database's own. */
  readonly allowFunctions: readonly string[];
}

export interface FunctionPolicy {
  /** Built-in names in lower case, unqualified. */
  readonly allow: readonly string[];
  /** Built-ins known to exist and closed: names, or prefixes ending in `*`. Only for the message: what is not allowed is refused. */
  readonly closed: readonly string[];
  /** Functions of the database's own: which volatilities, and whether SECURITY DEFINER. Trusted languages alone. */
  readonly own: { readonly volatility: readonly Routine["volatility"][]; readonly securityDefiner: boolean };
  /** Functions of the database's own by `schema.name`; with `bodyHash` only as long as the body is that one. They pass whatever `own` says. */
  readonly named: readonly { readonly name: string; readonly bodyHash?: string }[];
}

export interface TableRule {
  /** A Ref of a table, or a glob over `schema.table` with `*` for any run of characters. */
  readonly table: string;
  readonly allow: boolean;
  /** Only these columns; default all. */
  readonly columns?: readonly string[];
  /** None of these, whatever `columns` says. */
  readonly withoutColumns?: readonly string[];
  /** A condition over the table's columns that is laid over every read: only rows where it holds are there. */
  readonly rowFilter?: string;
}

/** Everything that the connection's own rights allow, by built-in functions that are known to be harmless. */
export function defaultPolicy(dialect: DialectName): Policy {
  const tables: readonly TableRule[] = [{ table: "*", allow: true }];
  const own = { volatility: ["immutable", "stable"], securityDefiner: false } as const;
  if (dialect === "sqlite") {
    const functions = { allow: sqliteFunctions, closed: sqliteClosedFunctions, own, named: [] };
    return { role: "default", functions, operators: "any", types: "any", tables, closedColumns: [] };
  }
  const functions = { allow: postgresFunctions, closed: postgresClosedFunctions, own, named: [] };
  return { role: "default", functions, operators: postgresOperators, types: postgresTypes, tables, closedColumns: [] };
}

/** A role's policy as configured, over the default one. */
export function configuredPolicy(dialect: DialectName, role: string, settings: PolicySettings): Policy {
  const base = defaultPolicy(dialect);
  const denied = settings.denyTables.map((table): TableRule => ({ table, allow: false }));
  const allowed = (settings.allowTables ?? ["*"]).map((table): TableRule => ({ table, allow: true }));
  const named = settings.allowFunctions.filter((f) => f.includes(".")).map((name) => ({ name }));
  const allow = [
    ...base.functions.allow,
    ...settings.allowFunctions.filter((f) => !f.includes(".")).map((f) => f.toLowerCase()),
  ];
  const functions = { ...base.functions, allow, named };
  return { ...base, role, functions, tables: [...denied, ...allowed], closedColumns: settings.denyColumns };
}

/** The rule that decides over a table; undefined is no. */
function tableRule(policy: Policy, table: TableName): TableRule | undefined {
  const full = `${table.schema}.${table.name}`;
  return policy.tables.find((rule) => fits(rule.table, full, table.name));
}

/** Whether a column may be read: in predicates, sort keys and aggregates as well as in results. */
export function mayReadColumn(policy: Policy, table: TableName, column: string): boolean {
  const rule = tableRule(policy, table);
  if (rule === undefined || !rule.allow) return false;
  if (rule.withoutColumns?.includes(column) === true) return false;
  const full = `${table.schema}.${table.name}.${column}`;
  if (policy.closedColumns.some((glob) => fits(glob, full, `${table.name}.${column}`))) return false;
  return rule.columns === undefined || rule.columns.includes(column);
}

/** Whether every column of every table that is open is open: then a name that could not be resolved hides nothing. */
export function restrictsColumns(policy: Policy): boolean {
  return (
    policy.closedColumns.length > 0 ||
    policy.tables.some(
      (r) => r.columns !== undefined || r.withoutColumns !== undefined || r.rowFilter !== undefined || !r.allow,
    )
  );
}

export type FunctionVerdict = "allowed" | "closed" | "unknown";

const trustedLanguages = new Set(["sql", "plpgsql"]);

/** What a call by this name comes to. A name that both a built-in and the database's own functions bear must pass as each of them. */
export function functionVerdict(policy: Policy, snapshot: SchemaSnapshot, name: readonly string[]): FunctionVerdict {
  const last = (name.at(-1) ?? "").toLowerCase();
  const schema = name.length > 1 ? name.at(-2) : undefined;
  const { allow, closed } = functionSets(policy);
  const own = snapshot.functions.filter(
    (f) => f.name.toLowerCase() === last && (schema === undefined || f.schema === schema),
  );
  const builtIn = schema === undefined || schema === "pg_catalog";
  if (builtIn && allow.has(last)) return own.every((f) => mayCall(policy, f)) ? "allowed" : "closed";
  if (own.length > 0) return own.every((f) => mayCall(policy, f)) ? "allowed" : "closed";
  const isClosed = closed.some((c) => (c.endsWith("*") ? last.startsWith(c.slice(0, -1)) : last === c));
  return isClosed || schema === "pg_catalog" ? "closed" : "unknown";
}

function mayCall(policy: Policy, routine: Routine): boolean {
  const full = `${routine.schema}.${routine.name}`;
  const named = policy.functions.named.find((n) => n.name === full);
  if (named !== undefined) return named.bodyHash === undefined || named.bodyHash === routine.bodyHash;
  if (routine.kind === "procedure" || !trustedLanguages.has(routine.language.toLowerCase())) {
    if (routine.kind !== "aggregate") return false;
  }
  if (routine.securityDefiner && !policy.functions.own.securityDefiner) return false;
  return policy.functions.own.volatility.includes(routine.volatility);
}

/** Names of functions that may be called, for did-you-mean. */
export function callableNames(policy: Policy, snapshot: SchemaSnapshot): readonly string[] {
  return [...policy.functions.allow, ...snapshot.functions.filter((f) => mayCall(policy, f)).map((f) => f.name)];
}

/** The row filters that bear on tables of the snapshot, for messages and for laying them over reads. */
export function rowFilterOf(policy: Policy, table: TableName): string | undefined {
  return tableRule(policy, table)?.rowFilter;
}

/** Whether a table may be read at all. */
export function mayReadTable(policy: Policy, table: TableName): boolean {
  return tableRule(policy, table)?.allow === true;
}

const sets = new WeakMap<FunctionPolicy, { readonly allow: ReadonlySet<string>; readonly closed: readonly string[] }>();

function functionSets(policy: Policy): { readonly allow: ReadonlySet<string>; readonly closed: readonly string[] } {
  const known = sets.get(policy.functions);
  if (known !== undefined) return known;
  const made = { allow: new Set(policy.functions.allow), closed: policy.functions.closed };
  sets.set(policy.functions, made);
  return made;
}

function fits(pattern: string, full: string, bare: string): boolean {
  return pattern === "*" || globFits(pattern, full) || globFits(pattern, bare);
}
