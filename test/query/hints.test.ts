/** Advice on cost, on a view made by hand: large tables, few indexes. */

import { describe, expect, test } from "vitest";
import type { QueryContext } from "../../src/query/answer.js";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import type { DialectName, Table } from "../../src/schema/snapshot.js";
import { snapshotOf } from "../schema/snapshots.js";
import { withoutTerms } from "./without-terms.js";

const bare = { uniques: [], foreignKeys: [], checks: [], indexes: [], triggers: [], policies: [] };

function table(name: string, columns: Readonly<Record<string, string>>, more: Partial<Table> = {}): Table {
  const listed = Object.entries(columns).map(([column, type]) => ({ name: column, type, nullable: column !== "id" }));
  return { schema: "public", name, kind: "table", columns: listed, primaryKey: { columns: ["id"] }, ...bare, ...more };
}

function contextOf(rows: number, dialect: DialectName = "postgres"): QueryContext {
  const tables = [
    table(
      "events",
      { id: "integer", kind: "text", happened: "date", amount: "numeric" },
      {
        kind: "partitioned_table",
        partitionKey: "RANGE (happened)",
      },
    ),
    table("people", { id: "integer", email: "text", note: "text" }, { uniques: [{ columns: ["email"] }] }),
  ];
  const key = (name: string) => `public.${name}`;
  const extensions = [{ name: "pg_trgm", schema: "public", version: "1.6" }];
  return withoutTerms({
    snapshot: snapshotOf(tables, { dialect, defaultSchema: "public", extensions }),
    version: "sha256:0",
    statistics: { tables: Object.fromEntries(tables.map((t) => [key(t.name), { rowEstimate: rows, columns: {} }])) },
    relationships: [],
  });
}

const large = 1_000_000;
const sum: Intent["measures"] = [{ term: "events.amount", agg: "sum" }];

function hints(intent: Intent, context = contextOf(large)): readonly string[] {
  const answer = buildQuery(intent, context);
  expect(answer.status).toBe("ok");
  return answer.hints.map((h) => `${h.code} ${h.sql ?? ""}`.trim());
}

describe("a large table", () => {
  test("filtered by a column without an index: the index", () => {
    expect(hints({ measures: sum, filters: [{ term: "events.kind", op: "=", value: "x" }] })).toContain(
      "missing_index CREATE INDEX ON events (kind)",
    );
  });

  test("the index has a name in SQLite", () => {
    const found = hints(
      { measures: sum, filters: [{ term: "events.kind", op: "=", value: "x" }] },
      contextOf(large, "sqlite"),
    );
    expect(found).toContain("missing_index CREATE INDEX events_kind_idx ON events (kind)");
  });

  test("searched within a text: an index over trigrams, where the extension is there", () => {
    const intent: Intent = {
      columns: [{ term: "people.id" }],
      filters: [{ term: "people.note", op: "contains", value: "x" }],
    };
    expect(hints(intent)).toEqual(["not_sargable CREATE INDEX ON people USING gin (note gin_trgm_ops)"]);
    expect(hints(intent, contextOf(large, "sqlite"))).toEqual(["not_sargable"]);
  });

  test("read over all partitions, unless the partition key is bounded", () => {
    expect(hints({ measures: sum })).toEqual(["all_partitions"]);
    const bounded = hints({ measures: sum, time: { term: "events.happened", range: { from: "2024-01-01" } } });
    expect(bounded).toEqual(["missing_index CREATE INDEX ON events (happened)"]);
  });

  test("a distinct count of a key is a plain count", () => {
    expect(hints({ measures: [{ term: "people.email", agg: "count_distinct" }] })).toEqual(["cheaper_count"]);
  });

  test("filtered by what an index serves: nothing to say", () => {
    expect(
      hints({ columns: [{ term: "people.note" }], filters: [{ term: "people.email", op: "=", value: "x" }] }),
    ).toEqual([]);
  });
});

test("a small table is read in a moment: only partitions are told of", () => {
  const intent: Intent = { measures: sum, filters: [{ term: "events.kind", op: "contains", value: "x" }] };
  expect(hints(intent, contextOf(500))).toEqual(["all_partitions"]);
});
