/** Turns rows of `indexes.sql` into indexes of the snapshot. Pure. */

import type { Index } from "../../schema/snapshot.js";
import { type Catalog, oidList } from "./catalog.js";
import type { Mutable, RelationDraft } from "./relations.js";
import type { Texts } from "./texts.js";
import type { RawRow } from "./wire.js";

/** Its expressions or its predicate must be printed by the server. */
export function needsText(row: RawRow): boolean {
  return row[10] !== null || row[11] !== null;
}

export function plainIndex(catalog: Catalog, relation: RelationDraft, row: RawRow): Index {
  return indexOf(catalog, relation, row, []);
}

/** Empty where the text could not be read: left out, never guessed. */
export function printedIndex(catalog: Catalog, texts: Texts, relation: RelationDraft, row: RawRow): Index[] {
  const text = texts.indexes.get(row[0] ?? "");
  if (text === undefined) return [];
  const index = indexOf(catalog, relation, row, text.parts);
  if (text.predicate !== undefined) index.partial = text.predicate;
  if (row[10] !== null) index.expression = index.columns.join(", ");
  return [index];
}

function indexOf(catalog: Catalog, relation: RelationDraft, row: RawRow, printed: readonly string[]): Mutable<Index> {
  const oid = row[0] ?? "";
  const attnums = oidList(row[6]);
  const parts = Number(row[7]);
  const nameAt = (attnum: string) => relation.byAttnum[Number(attnum)]?.name ?? "?";
  const columns = attnums.slice(0, parts).map((n, at) => (n === "0" ? (printed[at] ?? "") : nameAt(n)));
  const index: Mutable<Index> = { name: row[2] ?? "", columns, unique: row[4] !== null };
  if (row[3] !== null) index.method = row[3] ?? "";
  if (attnums.length > parts) index.include = attnums.slice(parts).map(nameAt);
  order(index, row[8]);
  const classes = operatorClasses(catalog, row[12], columns);
  if (classes.length > 0) index.operatorClasses = classes;
  const collations = indexCollations(catalog, relation, row[9], attnums);
  if (collations.length > 0) index.collations = collations;
  if (row[5] !== null) index.invalid = true;
  const constraint = relation.constraints.find((c) => c[14] === oid && c[4] !== "f")?.[1];
  if (constraint !== undefined && constraint !== null) index.constraint = constraint;
  return index;
}

/** Bit 0 of indoption is DESC, bit 1 NULLS FIRST (src/include/catalog/pg_index.h). */
function order(index: Mutable<Index>, options: string | null | undefined): void {
  if (options === null || options === undefined || !/[1-9]/.test(options)) return;
  const bits = oidList(options).map(Number);
  const partsWhere = (has: (bits: number) => boolean) =>
    bits.flatMap((option, at) => (has(option) ? [index.columns[at] ?? ""] : []));
  const descending = partsWhere((option) => (option & 1) !== 0);
  const nullsMoved = partsWhere((option) => option === 1 || option === 2);
  if (descending.length > 0) index.descending = descending;
  if (nullsMoved.length > 0) index.nullsMoved = nullsMoved;
}

/** `part class` where the class is not the type's own. */
function operatorClasses(catalog: Catalog, classes: string | null | undefined, columns: readonly string[]): string[] {
  return oidList(classes).flatMap((oid, at) => {
    const name = catalog.operatorClasses.get(oid);
    return name === undefined ? [] : [`${columns[at] ?? ""} ${name}`];
  });
}

/** Only collations that differ from the column's own. */
function indexCollations(
  catalog: Catalog,
  relation: RelationDraft,
  collations: string | null | undefined,
  attnums: readonly string[],
): string[] {
  if (collations === null || collations === undefined || !/[1-9]/.test(collations)) return [];
  return oidList(collations).flatMap((collation, at) => {
    const own = relation.collations?.get(Number(attnums[at])) ?? defaultCollation;
    if (collation === "0" || attnums[at] === "0" || own === collation) return [];
    return [catalog.collations.get(collation) ?? "default"];
  });
}

const defaultCollation = "100";
