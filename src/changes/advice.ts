/**
 * What to do about a change: expand-and-contract steps with SQL for the dialect, a compatibility view for old names, locks and rewrites
 * to beware of. Pure. The SQL is advice for a person with rights to change the schema; Sextant itself never runs it.
 * Sources: PostgreSQL 15 manual, ALTER TABLE (notes on locks and rewrites), CREATE INDEX (CONCURRENTLY); SQLite lang_altertable.html.
 */

import { parseRef, printName } from "../schema/names.js";
import type { Column, DialectName, ForeignKey, Index, KeyConstraint, Table } from "../schema/snapshot.js";
import type { SchemaChange } from "./change.js";
import { indexBody } from "./index-text.js";
import type { ChangeKind } from "./kinds.js";

export interface Advice {
  readonly text: string;
  readonly sql?: string;
}

/** Steps for one change, most useful first; none where nothing needs doing. */
export function adviceFor(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  return rules[change.kind]?.(change, dialect) ?? [];
}

type Rule = (change: SchemaChange, dialect: DialectName) => readonly Advice[];

const rules: Partial<Record<ChangeKind, Rule>> = {
  table_renamed: renamedTable,
  column_renamed: renamedColumn,
  table_removed: (c, d) => (c.recreated ? recreated(c) : [gone("table", c), undoTable(c, d)]),
  view_removed: (c) => [
    {
      text: "Where readers still use the view, create it again and drop it when nothing has read it for a while.",
      ...viewSql(c),
    },
  ],
  column_removed: removedColumn,
  column_type_changed: changedType,
  column_nullability_changed: (c, d) =>
    (c.after as Partial<Column>).nullable === true ? nowNullable(c) : nowRequired(c, d),
  unique_removed: (c) => [
    duplicates(c),
    {
      text: "Joins on these columns may multiply rows: aggregate before joining, or declare the key again.",
      ...keySql(c, "UNIQUE"),
    },
  ],
  primary_key_changed: (c) => (c.before === undefined ? [] : [duplicates(c)]),
  foreign_key_removed: (c, d) =>
    c.place.part === "foreign_key"
      ? [
          {
            text: "The link is no longer enforced: rows without a match become possible. Confirm it as a relation if it still holds.",
            ...foreignKeySql(c, d),
          },
        ]
      : [],
  foreign_key_added: (c, d) =>
    d === "postgres" && c.place.part === "foreign_key"
      ? [
          {
            text: "On a large table add it NOT VALID first, then validate: validation takes no lock against writers.",
            ...foreignKeySql(c, d),
          },
        ]
      : [],
  index_removed: (c, d) => indexRemoved(c, d),
  index_added: (c, d) =>
    d === "postgres"
      ? [
          {
            text: "CREATE INDEX blocks writers while it builds; with CONCURRENTLY it does not (outside a transaction).",
            sql: indexSql(c, " CONCURRENTLY"),
          },
        ]
      : [],
  column_added: addedColumn,
  column_order_changed: () => [
    { text: "Name the columns instead of SELECT * and INSERT without a list; positions are no contract." },
  ],
  enum_value_added: () => [
    { text: "Treat the list as open: CASE expressions need an ELSE, IN lists may miss the new value." },
  ],
  enum_value_renamed: (c) => [{ text: `Literals of ${lit(c.before)} fail now; write ${lit(c.after)}.` }],
  enum_value_removed: (c) => [{ text: `Literals of ${lit(c.before)} fail now; take it out of lists and CASEs.` }],
  view_changed: () => [
    {
      text: "Compare a few totals of the view with figures from before the change; a new meaning deserves a new name.",
    },
  ],
  table_kind_changed: () => [{ text: "Check rights, keys and indexes: they did not necessarily come along." }],
  schema_renamed: (c) => [
    { text: `Qualify names with ${c.object}, or set search_path; the old schema can return as a set of views.` },
  ],
  grant_changed: () => [
    { text: "Answers kept for other roles no longer show what a role may see now: they are dropped." },
  ],
  row_security_changed: () => [
    { text: "Who sees which rows differs: figures of before and after are not comparable for every role." },
  ],
  policy_added: policyAdvice,
  policy_removed: policyAdvice,
  policy_changed: policyAdvice,
  partition_removed: () => [
    { text: "Rows of the detached part no longer count in the parent; say so beside totals over that period." },
  ],
};

function policyAdvice(): readonly Advice[] {
  return [{ text: "Run a known total as each role and compare: rows may appear or vanish without an error." }];
}

function gone(what: string, change: SchemaChange): Advice {
  const likely =
    change.suspected === undefined
      ? ""
      : ` It may be ${change.suspected.ref} now (likeness ${change.suspected.score}): confirm before you use it.`;
  return { text: `Statements that name the ${what} ${change.object} fail.${likely}` };
}

function recreated(change: SchemaChange): readonly Advice[] {
  return [
    {
      text: `Check rows, rights and comments of ${change.object}: the former table is gone with all that was in it. ALTER keeps them.`,
    },
  ];
}

function undoTable(change: SchemaChange, dialect: DialectName): Advice {
  const table = change.before as Table;
  const columns = table.columns.map((c) => `  ${columnSql(c, dialect)}`);
  if (table.primaryKey !== undefined) columns.push(`  PRIMARY KEY (${names(table.primaryKey.columns)})`);
  return {
    text: "Next time: stop reading, keep a view of that name for a while, then drop. Its shape, should it be needed again (rows are not in it):",
    sql: `CREATE TABLE ${change.object} (\n${columns.join(",\n")}\n);`,
  };
}

function viewSql(change: SchemaChange): { sql?: string } {
  const view = change.before as Table;
  if (view.definition === undefined) return {};
  if (/^\s*create\b/iu.test(view.definition)) return { sql: ended(view.definition) };
  const what = view.kind === "materialized_view" ? "MATERIALIZED VIEW" : "VIEW";
  return { sql: ended(`CREATE ${what} ${change.object} AS\n${view.definition}`) };
}

function renamedTable(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  const old = change.renamedFrom ?? "";
  const note =
    dialect === "postgres"
      ? "Simple views take writes as well (CREATE VIEW, Updatable Views)."
      : "Views are read-only in SQLite.";
  return [
    { text: `Use ${change.object}.` },
    {
      text: `Until all readers know the new name, a view keeps the old one alive. ${note}`,
      sql: `CREATE VIEW ${old} AS SELECT * FROM ${change.object};`,
    },
    { text: "Contract, once nothing reads the old name:", sql: `DROP VIEW ${old};` },
  ];
}

function renamedColumn(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  const { place, formerPlace } = change;
  const table = tableRef(change);
  const [old, now] = [printName(formerPlace?.name ?? ""), printName(place.name ?? "")];
  const name = printName(`${place.table ?? ""}_compat`);
  const view = parseRef(table)?.length === 2 ? `${printName(place.schema)}.${name}` : name;
  const advice: Advice[] = [
    { text: `Use ${change.object}.` },
    {
      text: "A view beside the table serves readers of the old name:",
      sql: `CREATE VIEW ${view} AS SELECT *, ${now} AS ${old} FROM ${table};`,
    },
  ];
  if (dialect === "sqlite") {
    advice.push({
      text: "Or a virtual generated column keeps the old name readable in place; it costs no storage:",
      sql: `ALTER TABLE ${table} ADD COLUMN ${old} GENERATED ALWAYS AS (${now}) VIRTUAL;`,
    });
  }
  return advice;
}

function removedColumn(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  if (change.recreated)
    return [
      { text: `${change.object} was dropped and added again: values from before are gone although the name stayed.` },
    ];
  const column = change.before as Column;
  return [
    gone("column", change),
    {
      text: "Where readers still need the name, bring it back empty, and drop it when nothing has read it for a while.",
      sql: `ALTER TABLE ${tableRef(change)} ADD COLUMN ${columnSql({ ...column, nullable: true }, dialect)};`,
    },
  ];
}

function changedType(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  const [old, now] = [change.before as Partial<Column>, change.after as Partial<Column>];
  const table = tableRef(change);
  const column = printName(change.place.name ?? "");
  const next = printName(`${change.place.name ?? ""}_new`);
  if (change.effect === "write") return [];
  const compare: Advice = {
    text: `Literals and comparisons were written for ${old.type ?? "another type"}; cast where the old meaning is wanted.`,
    sql: `CAST(${column} AS ${old.type ?? ""})`,
  };
  if (dialect === "sqlite") return [compare];
  return [
    compare,
    {
      text: "ALTER COLUMN TYPE rewrites the table under ACCESS EXCLUSIVE unless the types are binary coercible. Expand, backfill in batches, then contract:",
      sql: [
        `ALTER TABLE ${table} ADD COLUMN ${next} ${now.type ?? ""};`,
        `UPDATE ${table} SET ${next} = ${column}::${now.type ?? ""} WHERE ${next} IS NULL; -- in batches`,
        `BEGIN; ALTER TABLE ${table} DROP COLUMN ${column}; ALTER TABLE ${table} RENAME COLUMN ${next} TO ${column}; COMMIT;`,
      ].join("\n"),
    },
  ];
}

function nowNullable(change: SchemaChange): readonly Advice[] {
  const column = printName(change.place.name ?? "");
  return [
    {
      text: `NULL is possible now: COUNT(${column}) and NOT IN over it skip rows, and joins on it lose them.`,
      sql: `SELECT count(*) FROM ${tableRef(change)} WHERE ${column} IS NULL;`,
    },
  ];
}

function nowRequired(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  if (dialect === "sqlite") return [];
  const [table, column] = [tableRef(change), printName(change.place.name ?? "")];
  const check = printName(`${change.place.name ?? ""}_not_null`);
  return [
    {
      text: "SET NOT NULL reads the whole table under ACCESS EXCLUSIVE; with a validated check it does not (PostgreSQL 12 and later):",
      sql: [
        `ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${column} IS NOT NULL) NOT VALID;`,
        `ALTER TABLE ${table} VALIDATE CONSTRAINT ${check};`,
        `ALTER TABLE ${table} ALTER COLUMN ${column} SET NOT NULL;`,
        `ALTER TABLE ${table} DROP CONSTRAINT ${check};`,
      ].join("\n"),
    },
  ];
}

function duplicates(change: SchemaChange): Advice {
  const columns = (change.before as Partial<KeyConstraint> | undefined)?.columns ?? [];
  if (columns.length === 0) return { text: "The key no longer holds: check for duplicates." };
  const list = names(columns);
  return {
    text: "Look for duplicates before you trust totals over joins on these columns:",
    sql: `SELECT ${list}, count(*) FROM ${tableRef(change)} GROUP BY ${list} HAVING count(*) > 1;`,
  };
}

function keySql(change: SchemaChange, what: string): { sql?: string } {
  const columns = (change.before as Partial<KeyConstraint>).columns ?? [];
  if (columns.length === 0) return {};
  return { sql: `CREATE ${what} INDEX ON ${tableRef(change)} (${names(columns)});` };
}

function foreignKeySql(change: SchemaChange, dialect: DialectName): { sql?: string } {
  const key = (change.before ?? change.after) as ForeignKey;
  if (dialect === "sqlite") return {};
  const name = printName(key.name ?? `${change.place.table ?? ""}_fkey`);
  const target = `${printName(key.references.schema)}.${printName(key.references.table)} (${names(key.references.columns)})`;
  return {
    sql: [
      `ALTER TABLE ${tableRef(change)} ADD CONSTRAINT ${name} FOREIGN KEY (${names(key.columns)}) REFERENCES ${target} NOT VALID;`,
      `ALTER TABLE ${tableRef(change)} VALIDATE CONSTRAINT ${name};`,
    ].join("\n"),
  };
}

function indexRemoved(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  const index = change.before as Index;
  const concurrently = dialect === "postgres" ? " CONCURRENTLY" : "";
  const slow: Advice = {
    text: "Queries that used it read more now and may run into limits. To bring it back:",
    sql: indexSql(change, concurrently),
  };
  return index.unique ? [duplicates(change), slow] : [slow];
}

function indexSql(change: SchemaChange, concurrently: string): string {
  const index = (change.before ?? change.after) as Index;
  const unique = index.unique ? "UNIQUE " : "";
  return `CREATE ${unique}INDEX${concurrently} ${printName(index.name)} ON ${tableRef(change)} ${indexBody(index)};`;
}

function addedColumn(change: SchemaChange, dialect: DialectName): readonly Advice[] {
  const column = change.after as Column;
  if (dialect === "postgres" && /random|clock_timestamp|uuid|nextval/iu.test(column.default ?? "")) {
    return [
      {
        text: "A volatile default rewrites the whole table under ACCESS EXCLUSIVE: add the column bare, set the default, backfill in batches.",
      },
    ];
  }
  return column.nullable || column.default !== undefined || column.generated !== undefined
    ? []
    : [
        {
          text: "Writers must give a value from now on; on a filled table add it nullable, backfill, then SET NOT NULL.",
        },
      ];
}

function columnSql(column: Column, dialect: DialectName): string {
  const generated =
    column.generated &&
    ` GENERATED ALWAYS AS (${column.generated.expression}) ${column.generated.stored || dialect === "postgres" ? "STORED" : "VIRTUAL"}`;
  const preset = column.default === undefined || column.generated !== undefined ? "" : ` DEFAULT ${column.default}`;
  return `${printName(column.name)} ${column.type}${column.nullable ? "" : " NOT NULL"}${preset}${generated ?? ""}`;
}

function tableRef(change: SchemaChange): string {
  const ref = change.object;
  const part = printName(change.place.name ?? "");
  return ref.endsWith(`.${part}`) && change.place.part !== "table" ? ref.slice(0, -part.length - 1) : ref;
}

function names(columns: readonly string[]): string {
  return columns.map(printName).join(", ");
}

function lit(value: unknown): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}

function ended(sql: string): string {
  return sql.trimEnd().endsWith(";") ? sql : `${sql.trimEnd()};`;
}
