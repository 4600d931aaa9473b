/**
 * The port to durable records: snapshots, history, feedback, models, configuration versions, audit. One small idea for all of them:
 * an append-only log of JSON records by kind and scope, and versioned documents. Acknowledged means durable.
 */

export type RecordKind =
  | "snapshot"
  | "change"
  | "feedback"
  | "model"
  | "query"
  | "run"
  | "config"
  | "audit"
  | "checkpoint"
  | "relation";

export interface NewRecord {
  readonly kind: RecordKind;
  /** What it belongs to: a source's name, or `*`. */
  readonly scope: string;
  /** A name to find it by: a schema version, a term, a Ref. */
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly body: unknown;
}

export interface StoredRecord extends NewRecord {
  /** Rises with every append, across kinds and scopes. */
  readonly seq: number;
}

export interface RecordQuery {
  readonly kind: RecordKind;
  readonly scope?: string;
  readonly key?: string;
  /** Inclusive ISO 8601 bounds on `at`. */
  readonly from?: string;
  readonly to?: string;
  readonly afterSeq?: number;
  readonly beforeSeq?: number;
  /** Default `asc`. */
  readonly order?: "asc" | "desc";
  readonly limit?: number;
}

export interface Document {
  readonly kind: RecordKind;
  readonly scope: string;
  readonly key: string;
  /** Rises by one with every write. */
  readonly revision: number;
  readonly at: string;
  readonly body: unknown;
}

export interface State {
  /** All or none, in order, in one transaction. */
  append(records: readonly NewRecord[]): Promise<readonly StoredRecord[]>;
  list(query: RecordQuery): Promise<readonly StoredRecord[]>;
  /** Drops records of a kind and scope beyond the newest `keep`, and those before `before`. Returns how many went. */
  prune(kind: RecordKind, scope: string, limits: { readonly keep?: number; readonly before?: string }): Promise<number>;
  /** Writes a document; `expected` makes it a compare-and-swap (0 = must not exist): a lost race throws `config_conflict`. */
  put(document: Omit<Document, "revision">, expected?: number): Promise<Document>;
  get(kind: RecordKind, scope: string, key: string): Promise<Document | undefined>;
  /** All documents of a kind, by scope and key. */
  documents(kind: RecordKind): Promise<readonly Document[]>;
  close(): Promise<void>;
}
