/** How tables relate: declared foreign keys, and links that are inferred or confirmed by people. Pure. */

import type { SchemaSnapshot, Table, TableName } from "./snapshot.js";

export interface Relationship {
  /** The referencing side (the "many"). */
  readonly from: { readonly table: TableName; readonly columns: readonly string[] };
  /** The referenced side (the "one"), `columns` in the order of `from.columns`. */
  readonly to: { readonly table: TableName; readonly columns: readonly string[] };
  readonly origin: "declared" | "inferred" | "confirmed";
  /** Probability in [0, 1] that the link is meant; 1 where declared or confirmed. */
  readonly confidence: number;
  /** `1:1` where `from.columns` is unique as well; else `n:1`. */
  readonly cardinality: "1:1" | "n:1";
  /** False where `to.columns` is not known to be unique (an undeclared key): a join may then multiply rows. */
  readonly targetUnique: boolean;
  /** The constraint's name, where declared. */
  readonly name?: string;
  /** Why an inferred link is believed: signal names with scores. */
  readonly evidence?: readonly { readonly signal: string; readonly score: number; readonly detail?: string }[];
}

/** The links that the schema declares, in table order. A key to a table outside the snapshot is left out. */
export function declaredRelationships(snapshot: SchemaSnapshot): readonly Relationship[] {
  const known = new Map(snapshot.tables.map((t) => [`${t.schema}\u0000${t.name}`, t]));
  return snapshot.tables.flatMap((table) => {
    const targets = table.foreignKeys.map((key) => known.get(`${key.references.schema}\u0000${key.references.table}`));
    const before = declared.get(table);
    if (before?.targets.every((target, at) => target === targets[at])) return before.links;
    const links = declaredBy(table, targets);
    declared.set(table, { targets, links });
    return links;
  });
}

/** Of tables that were seen: their links still hold where the tables they lead to are the same too. */
const declared = new WeakMap<
  Table,
  { readonly targets: readonly (Table | undefined)[]; readonly links: readonly Relationship[] }
>();

function declaredBy(table: Table, targets: readonly (Table | undefined)[]): readonly Relationship[] {
  return table.foreignKeys.flatMap((key, at): Relationship[] => {
    const target = targets[at];
    // A key over a period means "covered by", which no join on equal columns is.
    if (target === undefined || key.period) return [];
    return [
      {
        from: { table: { schema: table.schema, name: table.name }, columns: key.columns },
        to: { table: { schema: target.schema, name: target.name }, columns: key.references.columns },
        origin: "declared",
        confidence: 1,
        cardinality: isUniqueKey(table, key.columns) ? "1:1" : "n:1",
        targetUnique: isUniqueKey(target, key.references.columns),
        ...(key.name === undefined ? {} : { name: key.name }),
      },
    ];
  });
}

/** Whether no two rows of `table` can agree on `columns`: a primary key, unique constraint or whole unique index lies within them. */
export function isUniqueKey(table: Table, columns: readonly string[]): boolean {
  const given = new Set(columns);
  const within = (key: readonly string[]) => key.length > 0 && key.every((c) => given.has(c));
  if (table.primaryKey !== undefined && within(table.primaryKey.columns)) return true;
  if (table.uniques.some((u) => within(u.columns))) return true;
  return table.indexes.some(
    (i) => i.unique && i.partial === undefined && i.expression === undefined && i.invalid !== true && within(i.columns),
  );
}
