/**
 * Every kind of change the contract knows, one row each: what it means, what it does to whoever reads, in the order changes are listed.
 * Effects follow the change catalogue: `break` statements fail; `silent` they run and may answer otherwise; `policy` who sees what;
 * `write` only writers notice; `speed` plans and limits; `add` something new; `note` descriptive only.
 */

export type Effect = "break" | "silent" | "policy" | "write" | "speed" | "add" | "note";

/** Gates nest: `exec` fails on break; `read` on break and silent; `result` on break, silent and policy. */
export type Gate = "exec" | "read" | "result" | "none";

interface KindRow {
  /** The effect where nothing more is known about the change; `severity.ts` refines some kinds by what changed. */
  readonly effect: Effect;
  readonly meaning: string;
}

export const changeKinds = {
  schema_renamed: { effect: "break", meaning: "A schema has another name; qualified names fail." },
  schema_added: { effect: "add", meaning: "A schema was created." },
  schema_removed: { effect: "break", meaning: "A schema is gone with all that was in it." },
  table_renamed: {
    effect: "break",
    meaning: "A table or view has another name or schema; statements by the old name fail.",
  },
  table_added: { effect: "add", meaning: "A table was created." },
  table_removed: { effect: "break", meaning: "A table is gone." },
  table_kind_changed: { effect: "silent", meaning: "A table became a view, strict, unlogged or the like." },
  view_added: { effect: "add", meaning: "A view or materialised view was created." },
  view_removed: { effect: "break", meaning: "A view or materialised view is gone." },
  view_changed: { effect: "silent", meaning: "A view's query differs: the same name may answer otherwise." },
  column_renamed: { effect: "break", meaning: "A column has another name; statements by the old name fail." },
  column_added: { effect: "add", meaning: "A column was added." },
  column_removed: { effect: "break", meaning: "A column is gone." },
  column_type_changed: { effect: "silent", meaning: "A column's type differs: comparison, sorting or decoding may." },
  column_nullability_changed: { effect: "silent", meaning: "NULL became allowed or forbidden." },
  column_default_changed: { effect: "silent", meaning: "New rows get another default." },
  column_generated_changed: { effect: "silent", meaning: "A computed column is computed otherwise, or no longer." },
  column_identity_changed: { effect: "write", meaning: "An identity was added, dropped or changed." },
  collation_changed: { effect: "silent", meaning: "Text sorts and compares otherwise." },
  column_order_changed: {
    effect: "silent",
    meaning: "Columns that stayed stand in another order; `SELECT *` by position differs.",
  },
  primary_key_changed: { effect: "silent", meaning: "The primary key was added, dropped or covers other columns." },
  unique_added: { effect: "write", meaning: "A unique or exclusion constraint was added." },
  unique_removed: {
    effect: "silent",
    meaning: "A unique or exclusion constraint is gone: joins on it may multiply rows.",
  },
  foreign_key_added: { effect: "add", meaning: "A foreign key was added: a new way to join." },
  foreign_key_removed: { effect: "silent", meaning: "A foreign key is gone: orphans become possible." },
  foreign_key_changed: { effect: "silent", meaning: "A foreign key points elsewhere or acts otherwise." },
  check_added: { effect: "write", meaning: "A check was added." },
  check_removed: { effect: "silent", meaning: "A check is gone: values outside it become possible." },
  check_changed: { effect: "silent", meaning: "A check demands something else." },
  index_added: { effect: "speed", meaning: "An index was added." },
  index_removed: { effect: "speed", meaning: "An index is gone." },
  index_changed: { effect: "speed", meaning: "An index covers something else." },
  trigger_added: { effect: "silent", meaning: "A trigger was added: writes do more." },
  trigger_removed: { effect: "silent", meaning: "A trigger is gone: writes do less." },
  trigger_changed: { effect: "silent", meaning: "A trigger does something else, or was switched on or off." },
  policy_added: { effect: "policy", meaning: "A row policy was added: who sees which rows differs." },
  policy_removed: { effect: "policy", meaning: "A row policy is gone: who sees which rows differs." },
  policy_changed: { effect: "policy", meaning: "A row policy differs: who sees which rows differs." },
  row_security_changed: { effect: "policy", meaning: "Row-level security was switched on, forced or off." },
  partition_added: { effect: "silent", meaning: "A partition or heir was attached: its rows appear in the parent." },
  partition_removed: {
    effect: "silent",
    meaning: "A partition or heir was detached: its rows vanish from the parent.",
  },
  partition_key_changed: { effect: "silent", meaning: "A table is partitioned otherwise, or no longer." },
  enum_added: { effect: "add", meaning: "An enum type was created." },
  enum_removed: { effect: "break", meaning: "An enum type is gone; casts to it fail." },
  enum_value_added: { effect: "silent", meaning: "An enum has a new value that lists and CASEs do not know." },
  enum_value_removed: { effect: "break", meaning: "An enum value is gone; literals of it fail." },
  enum_value_renamed: { effect: "break", meaning: "An enum value has another name; literals of the old one fail." },
  domain_changed: {
    effect: "silent",
    meaning: "A domain or composite type or extension was added or dropped or differs.",
  },
  sequence_changed: { effect: "write", meaning: "A sequence was added, dropped or differs." },
  function_added: { effect: "add", meaning: "A function was added." },
  function_removed: { effect: "break", meaning: "A function is gone; calls fail." },
  function_changed: { effect: "silent", meaning: "A function does something else." },
  grant_changed: { effect: "policy", meaning: "Rights, owner or the default schema differ." },
  comment_changed: { effect: "note", meaning: "A comment differs." },
} as const satisfies Record<string, KindRow>;

export type ChangeKind = keyof typeof changeKinds;

/** All kinds in the order in which changes of one object are listed. */
export const kindOrder: readonly ChangeKind[] = Object.keys(changeKinds) as ChangeKind[];
