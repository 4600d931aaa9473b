/**
 * The events of the before/after pairs in the contract's kinds, and what a diff says in the same words, so that both are sets of
 * `kind object`. In the data a rename is a removal and an addition; kinds that the data does not know are left out of the comparison.
 */

import type { Place, SchemaChange } from "../src/changes/change.js";

export interface TruthEvent {
  readonly change: string;
  readonly object: string;
  readonly name?: string;
  readonly ctype?: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly def?: string;
}

const same: Readonly<Record<string, string>> = {
  materialized_view_added: "view_added",
  materialized_view_removed: "view_removed",
  view_definition_changed: "view_changed",
  materialized_view_definition_changed: "view_changed",
  table_rls_changed: "row_security_changed",
  table_partkey_changed: "partition_key_changed",
  kind_changed: "table_kind_changed",
  table_comment_changed: "comment_changed",
  column_comment_changed: "comment_changed",
  view_comment_changed: "comment_changed",
};

/** An event as `kind object` marks: one for most, two where the contract tells a change as a removal and an addition. */
export function truthMarks(event: TruthEvent): readonly string[] {
  const object = event.name === undefined ? event.object : `${event.object}.${event.name}`;
  if (event.change.startsWith("constraint_")) return constraintKinds(event).map((kind) => `${kind} ${object}`);
  if (event.change.startsWith("function_")) return [`${event.change} ${bare(object)}`];
  if (event.change === "enum_values_changed") return [`enum_value ${object}`];
  return [`${same[event.change] ?? event.change} ${object}`];
}

function constraintKinds(event: TruthEvent): readonly string[] {
  const verb = event.change.slice("constraint_".length);
  const family = familyOf(event.ctype ?? String(event.def ?? event.to ?? event.from));
  if (family === "primary_key") return ["primary_key_changed"];
  if (family === "unique" && verb === "changed") return ["unique_removed", "unique_added"];
  return [`${family}_${verb}`];
}

function familyOf(text: string): "primary_key" | "unique" | "foreign_key" | "check" {
  if (text === "p" || text.startsWith("PRIMARY")) return "primary_key";
  if (text === "f" || text.startsWith("FOREIGN")) return "foreign_key";
  return text === "c" || text.startsWith("CHECK") ? "check" : "unique";
}

/** A change in the same words; a rename as a removal and an addition of the thing and nothing of what it holds. */
export function saidMarks(change: SchemaChange): readonly string[] {
  const object = dotted(change.place);
  if (change.kind.endsWith("_renamed") && change.formerPlace !== undefined) {
    const stem = change.kind.slice(0, -"_renamed".length);
    return [`${stem}_removed ${dotted(change.formerPlace)}`, `${stem}_added ${object}`];
  }
  if (change.kind === "primary_key_changed" && change.formerPlace !== undefined) {
    return [`primary_key_changed ${dotted(change.formerPlace)}`, `primary_key_changed ${object}`];
  }
  // The data knows comments of tables and columns alone.
  if (change.kind === "comment_changed" && !["table", "column"].includes(change.place.part)) return [];
  if (change.kind.startsWith("enum_value_")) return [`enum_value ${object}`];
  if (change.place.part === "function") return [`${change.kind} ${bare(object)}`];
  return [`${change.kind} ${object}`];
}

function dotted(place: Place): string {
  if (place.part === "schema") return place.schema;
  return [
    place.schema,
    ...(place.table === undefined ? [] : [place.table]),
    ...(place.name === undefined ? [] : [place.name]),
  ].join(".");
}

function bare(object: string): string {
  return object.replace(/\(.*$/su, "");
}

const known = new Set(
  `table_added table_removed table_kind_changed column_added column_removed column_type_changed column_nullability_changed column_default_changed
  column_generated_changed column_identity_changed primary_key_changed unique_added unique_removed foreign_key_added foreign_key_removed
  foreign_key_changed check_added check_removed check_changed index_added index_removed index_changed view_added view_removed view_changed
  enum_added enum_removed enum_value row_security_changed comment_changed partition_key_changed schema_added schema_removed function_added
  function_removed function_changed trigger_added trigger_removed trigger_changed`.split(/\s+/u),
);

const sqliteKnown = new Set(
  "table_added table_removed column_added column_removed view_added view_removed index_added index_removed".split(" "),
);

/** Whether the data of a dialect tells events of a mark's kind at all. */
export function isCovered(mark: string, dialect: "postgres" | "sqlite"): boolean {
  return (dialect === "postgres" ? known : sqliteKnown).has(mark.split(" ")[0] ?? "");
}

/** Hits, misses and false alarms by kind. */
export class Tally {
  readonly kinds = new Map<string, { hit: number; missed: number; wrong: number }>();
  readonly samples: string[] = [];
  /** Pairs that could not be loaded here, with why. */
  readonly skipped: string[] = [];

  add(id: string, truth: ReadonlySet<string>, said: ReadonlySet<string>): void {
    for (const mark of truth) {
      if (said.has(mark)) this.of(mark).hit++;
      else this.note(id, "missed", mark);
    }
    for (const mark of said) if (!truth.has(mark)) this.note(id, "wrong", mark);
  }

  get figures(): { hit: number; missed: number; wrong: number; precision: number; recall: number } {
    const sum = { hit: 0, missed: 0, wrong: 0 };
    for (const k of this.kinds.values()) {
      sum.hit += k.hit;
      sum.missed += k.missed;
      sum.wrong += k.wrong;
    }
    const share = (n: number, of: number) => (of === 0 ? 1 : n / of);
    return { ...sum, precision: share(sum.hit, sum.hit + sum.wrong), recall: share(sum.hit, sum.hit + sum.missed) };
  }

  private note(id: string, verdict: "missed" | "wrong", mark: string): void {
    this.of(mark)[verdict]++;
    this.samples.push(`${id} ${verdict} ${mark}`);
  }

  private of(mark: string): { hit: number; missed: number; wrong: number } {
    const kind = mark.split(" ")[0] ?? "";
    const found = this.kinds.get(kind) ?? { hit: 0, missed: 0, wrong: 0 };
    this.kinds.set(kind, found);
    return found;
  }
}
