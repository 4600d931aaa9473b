/** Snapshots at random over few names, so that two of them share much: what the laws of diff and apply are tried on. */

import * as fc from "fast-check";
import type { Seen } from "../../src/changes/change.js";
import { tableKey } from "../../src/schema/names.js";
import type { Column, DialectName, SchemaSnapshot, Table } from "../../src/schema/snapshot.js";
import type { SchemaIdentity } from "../../src/schema/statistics.js";

const schemaNames = ["public", "sales"] as const;
const tableNames = ["orders", "lines", "Order Details", "people"] as const;
const columnNames = ["id", "total", "name", "born", "select", "Unit Price"] as const;
const types = ["integer", "text", "numeric(10,2)", "character varying(20)", "mood"] as const;

const optional = <K extends string, T>(key: K, arb: fc.Arbitrary<T>) =>
  fc.option(arb, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }) as { readonly [P in K]?: T });

function all<T extends object>(...parts: fc.Arbitrary<Partial<T>>[]): fc.Arbitrary<Partial<T>> {
  return fc.tuple(...parts).map((list) => Object.assign({}, ...list) as Partial<T>);
}

const column = (name: string): fc.Arbitrary<Column> =>
  fc
    .tuple(
      fc.record({ type: fc.constantFrom(...types), nullable: fc.boolean() }),
      all<Column>(
        optional("default", fc.constantFrom("0", "'x'::text", "now()")),
        optional("comment", fc.constantFrom("a", "b")),
        optional("collation", fc.constantFrom("C", "de")),
        optional("identity", fc.constantFrom("always" as const, "by_default" as const)),
        optional("grants", fc.constantFrom(["reader:SELECT"], ["reader:SELECT", "writer:UPDATE"])),
        optional("generated", fc.record({ expression: fc.constantFrom("id + 1", "total * 2"), stored: fc.boolean() })),
      ),
    )
    .map(([must, may]) => ({ name, ...must, ...may }));

const someColumns = fc.shuffledSubarray([...columnNames], { minLength: 1 });
const keyOf = (prefix: string) => fc.constantFrom(`${prefix}_a`, `${prefix}_b`);

const unique = <T extends { readonly name?: string }>(arb: fc.Arbitrary<T>, maxLength = 2) =>
  fc.uniqueArray(arb, { maxLength, selector: (x) => x.name });

function table(schema: string, name: string): fc.Arbitrary<Table> {
  const columns = someColumns.chain((names) => fc.tuple(...names.map(column)));
  return columns.chain((cols) => {
    const some = fc.shuffledSubarray(
      cols.map((c) => c.name),
      { minLength: 1 },
    );
    const must = fc.record({
      kind: fc.constantFrom("table" as const, "partitioned_table" as const, "view" as const),
      uniques: unique(fc.record({ name: keyOf("uq"), columns: some })),
      foreignKeys: unique(
        fc.record({
          name: keyOf("fk"),
          columns: some,
          references: fc.record({
            schema: fc.constantFrom(...schemaNames),
            table: fc.constantFrom(...tableNames),
            columns: some,
          }),
        }),
      ),
      checks: unique(fc.record({ name: keyOf("ck"), expression: fc.constantFrom("id > 0", "total <> 1") })),
      indexes: unique(
        fc
          .tuple(fc.record({ name: keyOf("ix"), columns: some, unique: fc.boolean() }), fc.nat(2))
          .map(([index, sort]) => ({
            ...index,
            ...(sort === 1 ? { nullsMoved: index.columns.slice(0, 1) } : {}),
            ...(sort === 2 ? { operatorClasses: [`${index.columns[0] ?? ""} text_pattern_ops`] } : {}),
          })),
      ),
      triggers: unique(
        fc.record({
          name: keyOf("tg"),
          timing: fc.constant("before"),
          events: fc.constant(["insert"]),
          enabled: fc.boolean(),
        }),
      ),
      policies: unique(
        fc.record({
          name: keyOf("po"),
          command: fc.constant("all"),
          permissive: fc.boolean(),
          roles: fc.constant(["public"]),
        }),
      ),
    });
    const may = all<Table>(
      optional("primaryKey", fc.record({ name: keyOf("pk"), columns: some })),
      optional("comment", fc.constantFrom("a", "b")),
      optional("rowSecurity", fc.constantFrom("enabled" as const, "forced" as const)),
      optional("partitionKey", fc.constantFrom("LIST (id)", "RANGE (id)")),
      optional(
        "partitionOf",
        fc.record({ schema: fc.constantFrom(...schemaNames), name: fc.constantFrom(...tableNames) }),
      ),
      optional("options", fc.constantFrom(["unlogged"], ["strict"])),
      optional("grants", fc.constantFrom(["reader:SELECT"], ["writer:INSERT"])),
      optional(
        "foreignKeyCopies",
        unique(
          fc.record({
            name: keyOf("fk"),
            columns: some,
            references: fc.record({
              schema: fc.constantFrom(...schemaNames),
              table: fc.constantFrom(...tableNames),
              columns: some,
            }),
          }),
        ).filter((x) => x.length > 0),
      ),
      optional("owner", fc.constantFrom("a", "b")),
      optional(
        "exclusions",
        unique(fc.record({ name: keyOf("ex"), expression: fc.constantFrom("gist (id)", "gist (total)") }), 2).filter(
          (x) => x.length > 0,
        ),
      ),
    );
    const definition = fc.constantFrom("SELECT 1", "SELECT 2");
    return fc.tuple(must, may, definition).map(([m, o, d]) => {
      const view = m.kind === "view" ? { definition: d } : {};
      const { foreignKeyCopies = [], ...rest } = o;
      // A constraint's name is one table's own: declared or a copy, never both.
      const copies = foreignKeyCopies.filter((c) => !m.foreignKeys.some((k) => k.name === c.name));
      const kept = copies.length === 0 ? {} : { foreignKeyCopies: copies };
      return { schema, name, columns: cols, ...m, ...rest, ...kept, ...view };
    });
  });
}

const named = { schema: fc.constantFrom(...schemaNames), name: fc.constantFrom("a", "b") };
const byName = (x: { schema: string; name: string }) => `${x.schema}.${x.name}`;

/** Every table name the snapshots may hold, in order. */
export const allTables = schemaNames.flatMap((schema) => tableNames.map((name) => `${schema}.${name}`));

export function arbitrarySnapshot(dialect: DialectName = "postgres"): fc.Arbitrary<SchemaSnapshot> {
  const names = schemaNames.flatMap((schema) => tableNames.map((name) => ({ schema, name })));
  const tables = fc
    .shuffledSubarray(names, { maxLength: 5 })
    .chain((list) => fc.tuple(...list.map((n) => table(n.schema, n.name))));
  return fc.record({
    dialect: fc.constant(dialect),
    defaultSchema: fc.constant("public"),
    schemas: fc.subarray(schemaNames.map((name) => ({ name }))),
    tables,
    enums: fc.uniqueArray(
      fc.record({ ...named, values: fc.shuffledSubarray(["low", "mid", "high"], { minLength: 1 }) }),
      { maxLength: 2, selector: byName },
    ),
    domains: fc.uniqueArray(
      fc.record({
        ...named,
        type: fc.constantFrom("text", "integer"),
        nullable: fc.boolean(),
        checks: fc.constant([]),
      }),
      { maxLength: 2, selector: byName },
    ),
    composites: fc.constant([]),
    sequences: fc.uniqueArray(
      fc.record({
        ...named,
        type: fc.constant("bigint"),
        start: fc.constantFrom("1", "5"),
        increment: fc.constant("1"),
        min: fc.constant("1"),
        max: fc.constant("9"),
        cycle: fc.boolean(),
      }),
      { maxLength: 2, selector: byName },
    ),
    functions: fc.uniqueArray(
      fc.record({
        ...named,
        kind: fc.constant("function" as const),
        arguments: fc.constantFrom("", "integer, text"),
        returns: fc.constantFrom("text", "integer"),
        volatility: fc.constant("stable" as const),
        securityDefiner: fc.boolean(),
        language: fc.constant("sql"),
        bodyHash: fc.constantFrom("00", "11"),
      }),
      { maxLength: 3, selector: (f) => `${byName(f)}(${f.arguments})` },
    ),
    extensions: fc.constantFrom(
      [],
      [{ name: "citext", version: "1.5", schema: "public" }],
      [{ name: "citext", version: "1.6", schema: "public" }],
    ),
  });
}

/** A snapshot seen with identities: each table and column has its own number, as PostgreSQL gives them. */
export function seenWithIdentity(snapshot: SchemaSnapshot, idOf: (table: Table) => string, columnShift = 0): Seen {
  const tables: Record<string, { id: string; columns: Record<string, number> }> = {};
  for (const t of snapshot.tables) {
    tables[tableKey(t)] = {
      id: idOf(t),
      columns: Object.fromEntries(
        t.columns.map((c) => [c.name, (columnNames.indexOf(c.name as "id") + columnShift) % columnNames.length]),
      ),
    };
  }
  const identity: SchemaIdentity = { database: "1/1", tables };
  return { snapshot, identity };
}
