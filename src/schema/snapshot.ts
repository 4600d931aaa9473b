/**
 * A database's schema as plain readonly JSON, references by name. Time, statistics and internal identities stay outside:
 * they live beside a snapshot (`statistics.ts`), so that the same schema has the same fingerprint everywhere.
 */

export type DialectName = "sqlite" | "postgres";

export type TableKind =
  | "table"
  | "view"
  | "materialized_view"
  | "partitioned_table"
  | "foreign_table"
  | "virtual_table";

export interface SchemaSnapshot {
  readonly dialect: DialectName;
  /** `main` in SQLite, the first schema of `search_path` in PostgreSQL. Left out when a Ref is printed. */
  readonly defaultSchema: string;
  readonly schemas: readonly SchemaObject[];
  readonly tables: readonly Table[];
  readonly enums: readonly EnumType[];
  readonly domains: readonly DomainType[];
  readonly composites: readonly CompositeType[];
  readonly sequences: readonly Sequence[];
  readonly functions: readonly Routine[];
  readonly extensions: readonly Extension[];
}

export interface SchemaObject {
  readonly name: string;
  readonly comment?: string;
  readonly grants?: readonly string[];
}

/** A table's name within a database; `schema` is always set. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface Table extends TableName {
  readonly kind: TableKind;
  readonly comment?: string;
  readonly columns: readonly Column[];
  readonly primaryKey?: KeyConstraint;
  readonly uniques: readonly KeyConstraint[];
  readonly foreignKeys: readonly ForeignKey[];
  /** Constraints of their own that PostgreSQL keeps for each partition of a key's target; the key itself says it all. */
  readonly foreignKeyCopies?: readonly ForeignKey[];
  readonly checks: readonly CheckConstraint[];
  readonly exclusions?: readonly CheckConstraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  /** PostgreSQL row-level security: absent is off. */
  readonly rowSecurity?: "enabled" | "forced";
  readonly partitionKey?: string;
  readonly partitionOf?: TableName;
  readonly partitionBound?: string;
  readonly inherits?: readonly TableName[];
  /** The query of a view. `unavailable` in `TableNote` when it could not be read in time. */
  readonly definition?: string;
  /** Tables and views that a view reads, where the database knows. */
  readonly viewReads?: readonly TableName[];
  /** SQLite `STRICT`, `WITHOUT ROWID`; a virtual table's module; PostgreSQL `unlogged`. */
  readonly options?: readonly string[];
  /** Privileges as they bear on the connected role and others: `role:SELECT,INSERT`, sorted. */
  readonly grants?: readonly string[];
  readonly owner?: string;
  /** True where the connected role may not read its rows. */
  readonly unreadable?: true;
}

export interface Column {
  readonly name: string;
  /** The type as the dialect prints it: `numeric(12,2)`, `timestamp with time zone`, `VARCHAR(20)`, `integer[]`. */
  readonly type: string;
  readonly nullable: boolean;
  /** The default's expression text. */
  readonly default?: string;
  readonly comment?: string;
  readonly generated?: { readonly expression: string; readonly stored: boolean };
  readonly identity?: "always" | "by_default";
  readonly collation?: string;
  /** The enum type that `type` names (for arrays, of the element). */
  readonly enumType?: TableName;
  /** The domain type that `type` names. */
  readonly domain?: TableName;
  /** True where the connected role may not read it. */
  readonly unreadable?: true;
  readonly grants?: readonly string[];
}

export interface KeyConstraint {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly deferrable?: "immediate" | "deferred";
  /** PostgreSQL 15+: UNIQUE NULLS NOT DISTINCT. */
  readonly nullsNotDistinct?: true;
  /** PostgreSQL 18+: the last column is a period; equal values of the others may stand side by side for different times. */
  readonly withoutOverlaps?: true;
}

export interface ForeignKey {
  readonly name?: string;
  readonly columns: readonly string[];
  readonly references: { readonly schema: string; readonly table: string; readonly columns: readonly string[] };
  /** `no_action` is left out. */
  readonly onDelete?: "cascade" | "set_null" | "set_default" | "restrict";
  readonly onUpdate?: "cascade" | "set_null" | "set_default" | "restrict";
  readonly match?: "full" | "partial";
  readonly deferrable?: "immediate" | "deferred";
  readonly notValidated?: true;
  /** PostgreSQL 18+: declared, and held by nobody. */
  readonly notEnforced?: true;
  /** PostgreSQL 18+: the last column is a PERIOD that must be covered by the target's. */
  readonly period?: true;
}

export interface CheckConstraint {
  readonly name?: string;
  readonly expression: string;
  readonly notValidated?: true;
  /** PostgreSQL 18+: declared, and held by nobody. */
  readonly notEnforced?: true;
}

export interface Index {
  readonly name: string;
  /** Key parts in order: a column's name, or an expression's text where `expression` says so. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly method?: string;
  /** The predicate of a partial index. */
  readonly partial?: string;
  /** The text of the whole key where any part of it is an expression. */
  readonly expression?: string;
  /** Covering columns (INCLUDE). */
  readonly include?: readonly string[];
  readonly descending?: readonly string[];
  /** Key parts whose NULLs stand where they do not by default: last is, first where the part is descending. */
  readonly nullsMoved?: readonly string[];
  /** Operator classes other than the type's default one, as `part class`. */
  readonly operatorClasses?: readonly string[];
  readonly collations?: readonly string[];
  readonly invalid?: true;
  /** It backs this constraint (a primary key, unique or exclusion constraint). */
  readonly constraint?: string;
}

export interface Trigger {
  readonly name: string;
  readonly timing: string;
  readonly events: readonly string[];
  readonly definition?: string;
  readonly enabled: boolean;
}

export interface Policy {
  readonly name: string;
  readonly command: string;
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using?: string;
  readonly check?: string;
}

export interface EnumType extends TableName {
  /** In the type's own order. */
  readonly values: readonly string[];
  readonly comment?: string;
}

export interface DomainType extends TableName {
  readonly type: string;
  readonly nullable: boolean;
  readonly default?: string;
  readonly checks: readonly CheckConstraint[];
  readonly comment?: string;
}

export interface CompositeType extends TableName {
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
}

export interface Sequence extends TableName {
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly min: string;
  readonly max: string;
  readonly cycle: boolean;
  readonly ownedBy?: { readonly schema: string; readonly table: string; readonly column: string };
}

export interface Routine extends TableName {
  readonly kind: "function" | "procedure" | "aggregate" | "window";
  /** Argument types as printed in a call: `integer, text`. Part of the name: functions overload. */
  readonly arguments: string;
  readonly returns: string;
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly securityDefiner: boolean;
  readonly language: string;
  /** SHA-256 of the body, in hex. */
  readonly bodyHash: string;
  readonly comment?: string;
}

export interface Extension {
  readonly name: string;
  readonly version: string;
  readonly schema: string;
}
