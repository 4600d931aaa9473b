/** Texts that databases print, compared by what they say; and what is mended when names changed. */

import { describe, expect, it } from "vitest";
import type { Seen } from "../../src/changes/change.js";
import { diffSnapshots } from "../../src/changes/diff.js";
import { mendQuery, renamesOf } from "../../src/changes/mend.js";
import { sameSql } from "../../src/changes/text.js";
import { typeEffect } from "../../src/changes/types.js";
import type { Column, SchemaSnapshot, Table } from "../../src/schema/snapshot.js";

const column = (name: string, type = "text"): Column => ({ name, type, nullable: true });
const table = (name: string, columns: readonly Column[]): Table => ({
  schema: "public",
  name,
  kind: "table",
  columns,
  uniques: [],
  foreignKeys: [],
  checks: [],
  indexes: [],
  triggers: [],
  policies: [],
});
const snapshot = (...tables: readonly Table[]): SchemaSnapshot => ({
  dialect: "postgres",
  defaultSchema: "public",
  schemas: [{ name: "public" }],
  tables,
  enums: [],
  domains: [],
  composites: [],
  sequences: [],
  functions: [],
  extensions: [],
});
const identified = (s: SchemaSnapshot, ids: readonly string[]): Seen => ({
  snapshot: s,
  identity: {
    database: "1",
    tables: Object.fromEntries(
      s.tables.map((t, i) => [
        `public.${t.name}`,
        { id: ids[i] ?? "", columns: Object.fromEntries(t.columns.map((c, j) => [c.name, j + 1])) },
      ]),
    ),
  },
});

describe("texts", () => {
  it.each([
    ["(a > 0)", "a > 0", {}, true],
    ["A  >  0 -- why\n", "a > 0", {}, true],
    ["a > 0", "a > 1", {}, false],
    ["note <> 'A'", "note <> 'a'", {}, false],
    ['"Note" = 1', "note = 1", {}, false],
    ['"note" = 1', "note = 1", {}, true],
    ["SELECT u.old FROM users u", "SELECT u.new AS old FROM users u", { old: "new" }, true],
    ["SELECT users.id FROM users", "SELECT users.id FROM people users", { users: "people" }, true],
    ["SELECT u.old FROM users u", "SELECT u.other FROM users u", { old: "new" }, false],
    ["nextval('old_seq'::regclass)", "nextval('new_seq'::regclass)", { old_seq: "new_seq" }, true],
    ["SELECT x - y", "SELECT y - x", { x: "y", y: "x" }, true],
    ["SELECT x - y", "SELECT x - y", { x: "y", y: "x" }, true],
    ["SELECT x - z", "SELECT z - x", { x: "y", y: "x" }, false],
    ["SELECT o.x, o.y - o.x AS d FROM o", "SELECT o.y AS x, o.x - o.y AS d FROM o", { x: "y", y: "x" }, true],
    ["SELECT o.z AS x FROM o", "SELECT o.z AS x FROM o", { x: "y", y: "x" }, true],
    ["SELECT o.y AS x FROM o", "SELECT o.x FROM o", { x: "y", y: "x" }, true],
    ["SELECT o.x, o.y - o.x AS d FROM o", "SELECT o.y AS x, o.y - o.x AS d FROM o", { x: "y", y: "x" }, false],
    [
      "SELECT a.x, b.z FROM a JOIN b ON b.i = a.i",
      "SELECT a.x, b.z FROM b a JOIN a b ON b.i = a.i",
      { a: "b", b: "a" },
      true,
    ],
    ["SELECT a.x FROM a", "SELECT a.x FROM b a", { a: "b", b: "a" }, true],
    ["SELECT a.x FROM a", "SELECT b.x FROM a b", { a: "b", b: "a" }, false],
  ] as const)("%s | %s", (before, after, names, same) => {
    expect(sameSql(before, after, new Map(Object.entries(names)), "postgres")).toBe(same);
  });

  it.each([
    ["character varying(10)", "character varying(20)", "write"],
    ["character varying(20)", "text", "write"],
    ["text", "character varying(20)", "silent"],
    ["numeric(10,2)", "numeric(12,2)", "write"],
    ["numeric(10,2)", "numeric(10,4)", "silent"],
    ["integer", "bigint", "silent"],
    ["text", "integer", "break"],
    ["integer", "integer[]", "break"],
    ["timestamp without time zone", "timestamp with time zone", "silent"],
    ["mood", "text", "break"],
  ] as const)("from %s to %s", (before, after, effect) => {
    expect(typeEffect(before, after)).toBe(effect);
  });
});

describe("guesses", () => {
  it("are removals and additions with a score, and nothing is remapped on them", () => {
    const before = { snapshot: snapshot(table("users", [column("id"), column("username")])) };
    const after = { snapshot: snapshot(table("users", [column("id"), column("user_name")])) };
    const changes = diffSnapshots(before, after);
    expect(changes.map((c) => [c.kind, c.object, c.suspected?.ref, c.renamedFrom])).toEqual([
      ["column_added", "users.user_name", "users.username", undefined],
      ["column_removed", "users.username", "users.user_name", undefined],
    ]);
    expect(changes[0]?.suspected?.score).toBeGreaterThan(0.55);
  });
});

describe("mending queries", () => {
  const before = snapshot(
    table("users", [column("id"), column("username"), column("city")]),
    table("orders", [column("id"), column("user_id"), column("total")]),
  );
  const after = snapshot(
    table("people", [column("id"), column("user_name"), column("city")]),
    table("orders", [column("id"), column("user_id"), column("total")]),
  );
  const changes = diffSnapshots(identified(before, ["1", "2"]), identified(after, ["1", "2"]));
  const renames = renamesOf(changes, before, after);
  it.each([
    ["SELECT username FROM users", "SELECT user_name AS username FROM people AS users"],
    ["SELECT u.username, u.city FROM users u", "SELECT u.user_name AS username, u.city FROM people u"],
    [
      "SELECT upper(users.username) FROM orders JOIN users ON users.id = orders.user_id WHERE users.username = 'username'",
      "SELECT upper(users.user_name) FROM orders JOIN people AS users ON users.id = orders.user_id WHERE users.user_name = 'username'",
    ],
    ["SELECT total FROM orders", undefined],
    ["WITH x AS (SELECT username FROM users) SELECT username FROM x", undefined],
    ["SELECT u.id FROM users u JOIN users v USING (username)", undefined],
  ])("%s", (sql, mended) => {
    expect(mendQuery(sql, renames)).toBe(mended);
  });
});
