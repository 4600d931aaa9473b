/**
 * What a change of schema is: values that diff, apply, severity, impact, advice and history share. Types and the table of places.
 * A change carries the pieces of the snapshots themselves (`before`, `after`), so that applying it needs nothing else.
 */

import type { SchemaSnapshot, Sequence } from "../schema/snapshot.js";
import type { SchemaIdentity } from "../schema/statistics.js";
import type { ChangeKind, Effect, Gate } from "./kinds.js";

export type ChangeSeverity = "breaking" | "risky" | "safe";

/** A snapshot as it was seen: identities prove renames in PostgreSQL, the stamp's schema_version proves them in SQLite. */
export interface Seen {
  readonly snapshot: SchemaSnapshot;
  readonly identity?: SchemaIdentity;
  readonly stamp?: { readonly schema: string };
}

export type Part =
  | "snapshot"
  | "schema"
  | "table"
  | "column"
  | "primary_key"
  | "unique"
  | "foreign_key"
  | "foreign_key_copy"
  | "check"
  | "exclusion"
  | "index"
  | "trigger"
  | "policy"
  | "enum"
  | "domain"
  | "composite"
  | "sequence"
  | "function"
  | "extension";

/**
 * Where in a snapshot a change applies, in the names of the later snapshot (of the earlier one for what is gone).
 * `name` is the member within `table`, or the object itself; `fields` names the properties that changed, absent for the whole thing.
 */
export interface Place {
  readonly part: Part;
  readonly schema: string;
  readonly table?: string;
  readonly name?: string;
  readonly fields?: readonly string[];
  /** Of an added column: where it stands among the columns, from 0. */
  readonly position?: number;
}

/** An edit that the database made by itself (a check's text after a column was renamed): no change of meaning. */
export interface Restated {
  readonly place: Place;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface SchemaChange {
  readonly kind: ChangeKind;
  /** The thing itself as a Ref, the default schema left out. */
  readonly object: string;
  readonly place: Place;
  /** Proven: the same object under its former name. */
  readonly renamedFrom?: string;
  /** The former place of a renamed thing. */
  readonly formerPlace?: Place;
  /** The piece of the earlier snapshot: the whole member, or an object of the changed fields. */
  readonly before?: unknown;
  /** The piece of the later snapshot. */
  readonly after?: unknown;
  readonly severity: ChangeSeverity;
  readonly effect: Effect;
  /** The most lenient gate that this change fails; `none` passes all. */
  readonly gate: Gate;
  /** One sentence. Holds names from the database. */
  readonly summary: string;
  /** A guess, never acted upon: the removal or addition that may be the other half of a rename. Score in [0, 1]. */
  readonly suspected?: { readonly ref: string; readonly score: number };
  /** Dropped and created again under one name: rows, grants and comments of the old one are gone. */
  readonly recreated?: true;
  /** Gone, while a renamed thing bears its name now: `place` names it as it was. */
  readonly displaced?: true;
  /** Sequences that come or go with the column or table that owns them. */
  readonly sequences?: readonly Sequence[];
  /** Texts that the database restated because of this change. */
  readonly restated?: readonly Restated[];
}
