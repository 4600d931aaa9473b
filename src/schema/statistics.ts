/**
 * What is known about a database beside its schema: sizes, value profiles, internal identities. None of it is fingerprinted.
 * Keys are full Refs from `tableKey` ("main.orders", "public.\"Order Details\"").
 */

export interface SchemaStatistics {
  readonly tables: Readonly<Record<string, TableStatistics>>;
}

export interface TableStatistics {
  /** Rows, as the database estimates or as counted within the budget. */
  readonly rowEstimate?: number;
  /** True when `rowEstimate` was counted, not estimated. */
  readonly rowsExact?: boolean;
  readonly sizeBytes?: number;
  /** Of a table of codes: which column names which, and all its rows as code and label. */
  readonly labels?: TableLabels;
  readonly columns: Readonly<Record<string, ColumnStatistics>>;
}

export interface TableLabels {
  readonly code: string;
  readonly label: string;
  readonly pairs: readonly (readonly [code: string | number, label: string])[];
}

export interface ColumnStatistics {
  /** Distinct non-null values seen. */
  readonly distinct?: number;
  /** Share of rows that are null, 0 to 1. */
  readonly nullShare?: number;
  readonly min?: string | number;
  readonly max?: string | number;
  /** Stored values, most frequent first, as the database holds them. */
  readonly values?: readonly { readonly value: string | number; readonly count: number }[];
  /** True when `values` holds every distinct value of the column. */
  readonly valuesComplete?: boolean;
  /** True when the whole table was read; false when a sample was. */
  readonly exact?: boolean;
}

/** A table's identity (oid) and its columns' (attnum). */
export interface TableIdentity {
  readonly id: string;
  readonly columns: Readonly<Record<string, number>>;
}

/** Internal identities, for exact renames. Valid only within one `database`. */
export interface SchemaIdentity {
  /** PostgreSQL: system identifier and database oid. SQLite: device and inode. */
  readonly database: string;
  /** By table key. */
  readonly tables: Readonly<Record<string, TableIdentity>>;
  /** Other objects (`schema:public`, `enum:public.mood`, `index:…`) by key. */
  readonly others?: Readonly<Record<string, string>>;
}

export const noStatistics: SchemaStatistics = { tables: {} };
