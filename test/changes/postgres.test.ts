/** What PostgreSQL does, as the diff tells it: one row a case, each a step on a real database. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyChanges } from "../../src/changes/apply.js";
import type { SchemaChange } from "../../src/changes/change.js";
import { diffSnapshots } from "../../src/changes/diff.js";
import type { Connector, Inspection } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { fingerprint } from "../../src/schema/normal-form.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const base = `
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
  CREATE DOMAIN price AS numeric(12,2) CHECK (VALUE >= 0);
  CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, mood mood, CONSTRAINT named CHECK (name <> ''));
  CREATE TABLE orders (id serial PRIMARY KEY, person_id int REFERENCES people, total price NOT NULL DEFAULT 0, note text);
  CREATE INDEX by_note ON orders (lower(note)) WHERE note IS NOT NULL;
  CREATE VIEW totals AS SELECT p.name, sum(o.total) AS total FROM orders o JOIN people p ON p.id = o.person_id GROUP BY p.name;
  CREATE TABLE a (id int PRIMARY KEY, x int, only_a int);
  CREATE TABLE sorted (x int, note text);
  CREATE INDEX by_x ON sorted (x, note);
  CREATE TABLE held (id int PRIMARY KEY) PARTITION BY LIST (id);
  CREATE TABLE held_1 PARTITION OF held FOR VALUES IN (1);
  CREATE TABLE holds (held_id int REFERENCES held);
  CREATE TABLE b (id int PRIMARY KEY, x int, only_b int);
  CREATE TABLE north (id int, x int, y int);
  CREATE TABLE south (id int, x int, z int);
  CREATE VIEW both_sides AS SELECT north.x, north.y - north.x AS more, south.z FROM north JOIN south ON south.id = north.id;
  CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE SCHEMA sales;
  CREATE TABLE sales.leads (id int PRIMARY KEY, person_id int REFERENCES people);
  CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i * 2';`;

/** [what, statements, expected as `severity kind object < former`] */
const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a column that views, checks and keys use",
    "ALTER TABLE people RENAME COLUMN name TO full_name",
    ["breaking column_renamed people.full_name < people.name"],
  ],
  [
    "a table that views and keys use",
    "ALTER TABLE people RENAME TO persons",
    ["breaking table_renamed persons < people"],
  ],
  [
    "both, and a column that an index on an expression uses",
    "ALTER TABLE orders RENAME TO sales_orders; ALTER TABLE sales_orders RENAME COLUMN note TO remark",
    ["breaking table_renamed sales_orders < orders", "breaking column_renamed sales_orders.remark < sales_orders.note"],
  ],
  [
    "a swap",
    "ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b",
    ["breaking table_renamed a < b", "breaking table_renamed b < a"],
  ],
  [
    "a swap of tables that a view reads",
    "ALTER TABLE north RENAME TO c; ALTER TABLE south RENAME TO north; ALTER TABLE c RENAME TO south",
    ["breaking table_renamed north < south", "breaking table_renamed south < north"],
  ],
  [
    "a swap of columns that a view reads",
    "ALTER TABLE north RENAME x TO c; ALTER TABLE north RENAME y TO x; ALTER TABLE north RENAME c TO y",
    ["breaking column_renamed north.x < north.y", "breaking column_renamed north.y < north.x"],
  ],
  [
    "a swap of columns, and a view that turns round with them",
    `ALTER TABLE north RENAME x TO c; ALTER TABLE north RENAME y TO x; ALTER TABLE north RENAME c TO y;
     CREATE OR REPLACE VIEW both_sides AS SELECT north.x, north.y - north.x AS more, south.z FROM north JOIN south ON south.id = north.id`,
    [
      "breaking column_renamed north.x < north.y",
      "breaking column_renamed north.y < north.x",
      "risky view_changed both_sides",
    ],
  ],
  [
    "dropped and created again",
    "DROP TABLE a; CREATE TABLE a (id int PRIMARY KEY, x int, only_a int)",
    ["risky table_removed a", "safe table_added a"],
  ],
  [
    "dropped, and another takes its name",
    "DROP TABLE a; ALTER TABLE b RENAME TO a",
    ["breaking table_renamed a < b", "breaking table_removed a"],
  ],
  [
    "dropped, and one of the same shape created",
    "DROP TABLE a; CREATE TABLE a_new (id int PRIMARY KEY, x int, only_a int)",
    ["breaking table_removed a", "safe table_added a_new"],
  ],
  [
    "a column dropped and added again",
    "ALTER TABLE a DROP COLUMN x; ALTER TABLE a ADD COLUMN x int",
    ["safe column_added a.x", "risky column_removed a.x"],
  ],
  [
    "a column dropped, and another takes its name",
    "ALTER TABLE a DROP COLUMN x; ALTER TABLE a RENAME COLUMN only_a TO x",
    ["breaking column_renamed a.x < a.only_a", "breaking column_removed a.x"],
  ],
  ["another schema", "ALTER TABLE sales.leads SET SCHEMA public", ["breaking table_renamed leads < sales.leads"]],
  ["a schema's name", "ALTER SCHEMA sales RENAME TO crm", ["breaking schema_renamed crm < sales"]],
  ["an enum value", "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'", ["breaking enum_value_renamed mood"]],
  ["an enum value more", "ALTER TYPE mood ADD VALUE 'great' AFTER 'ok'", ["risky enum_value_added mood"]],
  ["a partition away", "ALTER TABLE parted DETACH PARTITION parted_1", ["risky partition_removed parted_1"]],
  [
    "a partition more",
    "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ["safe table_added parted_2", "risky partition_added parted_2"],
  ],
  ["unique dropped", "ALTER TABLE a DROP CONSTRAINT a_pkey", ["risky primary_key_changed a.a_pkey"]],
  [
    "null allowed",
    "ALTER TABLE people ALTER COLUMN name DROP NOT NULL",
    ["risky column_nullability_changed people.name"],
  ],
  [
    "row security",
    "ALTER TABLE a ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON a USING (x > 0)",
    ["risky row_security_changed a", "risky policy_added a.p"],
  ],
  [
    "the body of a function",
    "CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i * 3'",
    ["risky function_changed twice(integer)"],
  ],
  [
    "a view's query",
    "CREATE OR REPLACE VIEW totals AS SELECT p.name, sum(o.total) + 1 AS total FROM orders o JOIN people p ON p.id = o.person_id GROUP BY p.name",
    ["risky view_changed totals"],
  ],
  ["more room", "ALTER TABLE orders ADD COLUMN s varchar(10)", ["safe column_added orders.s"]],
  [
    "a column of its own sequence",
    "ALTER TABLE a ADD COLUMN n bigint GENERATED BY DEFAULT AS IDENTITY",
    ["safe column_added a.n"],
  ],
  [
    "a foreign key's action",
    "ALTER TABLE orders DROP CONSTRAINT orders_person_id_fkey; ALTER TABLE orders ADD CONSTRAINT orders_person_id_fkey FOREIGN KEY (person_id) REFERENCES people ON DELETE CASCADE",
    ["risky foreign_key_changed orders.orders_person_id_fkey"],
  ],
  [
    "an index's operator class",
    "DROP INDEX by_x; CREATE INDEX by_x ON sorted (x, note text_pattern_ops)",
    ["safe index_changed sorted.by_x"],
  ],
  [
    "where an index puts NULL",
    "DROP INDEX by_x; CREATE INDEX by_x ON sorted (x NULLS FIRST, note)",
    ["safe index_changed sorted.by_x"],
  ],
  [
    "a part of a table that a key points at, with the key's copy for it",
    "CREATE TABLE held_2 PARTITION OF held FOR VALUES IN (2)",
    ["safe table_added held_2", "risky partition_added held_2", "safe foreign_key_added holds.holds_held_id_fkey2"],
  ],
  [
    "a renamed part of a table that a key points at",
    "ALTER TABLE held_1 RENAME TO held_first",
    ["breaking table_renamed held_first < held_1"],
  ],
  ["a domain", "ALTER DOMAIN price DROP CONSTRAINT price_check", ["risky domain_changed price"]],
  ["nothing but storage", "VACUUM FULL a", []],
  ["nothing but an index built again", "REINDEX TABLE a", []],
  ["nothing but a table rewritten", "ALTER TABLE a SET (fillfactor = 70)", []],
];

function said(changes: readonly SchemaChange[]): readonly string[] {
  return changes.map((c) => {
    // Later versions write an underscore before the number of a key's copy.
    const object = c.place.part === "foreign_key_copy" ? c.object.replace(/_(\d+)$/u, "$1") : c.object;
    return `${c.severity} ${c.kind} ${object}${c.renamedFrom === undefined ? "" : ` < ${c.renamedFrom}`}`;
  });
}

describe("PostgreSQL", () => {
  let database: ScratchDatabase;
  let connector: Connector;
  beforeAll(async () => {
    database = await createDatabase();
    connector = openConnector({ url: database.url });
  });
  afterAll(async () => {
    await connector.close();
    await database.drop();
  });

  async function fresh(): Promise<Inspection> {
    await database.query(
      "DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS sales CASCADE; DROP SCHEMA IF EXISTS crm CASCADE; CREATE SCHEMA public",
    );
    await database.query(base);
    return connector.inspect();
  }

  it.each(cases)("%s", async (_, sql, expected) => {
    const before = await fresh();
    await database.query(sql);
    const after = await connector.inspect();
    const changes = diffSnapshots(before, after);
    expect([...said(changes)].toSorted()).toEqual([...expected].toSorted());
    expect(fingerprint(applyChanges(changes, before.snapshot))).toBe(fingerprint(after.snapshot));
  });

  it("finds nothing between a schema and its reload, although every identity is new", async () => {
    const before = await fresh();
    const after = await fresh();
    expect(said(diffSnapshots(before, after))).toEqual([]);
  });
});
