/** Undeclared foreign keys: what names, keys and rows say, and what must never be guessed. */

import { describe, expect, test } from "vitest";
import { inferRelationships, linksToCheck } from "../../src/schema/inference.js";
import { keyType } from "../../src/schema/link-candidates.js";
import type { Inclusion } from "../../src/schema/link-evidence.js";
import type { Column, Table } from "../../src/schema/snapshot.js";
import { noStatistics } from "../../src/schema/statistics.js";
import { finish } from "../../src/schema/steps.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const text = (name: string): Column => ({ name, type: "TEXT", nullable: true });

function inferred(tables: readonly Table[], inclusions: readonly Inclusion[] = [], least = 0.5): string[] {
  const links = inferRelationships(snapshotOf(tables), { statistics: noStatistics, inclusions });
  return links
    .filter((l) => l.confidence >= least)
    .map((l) => `${l.from.table.name}.${l.from.columns.join("+")} -> ${l.to.table.name}.${l.to.columns.join("+")}`)
    .toSorted();
}

const customers = tableOf("customers", ["customer_id", text("name"), text("city")]);

describe("by names", () => {
  test.each([
    [
      "the same name as the key",
      tableOf("orders", ["order_id", "customer_id"]),
      "orders.customer_id -> customers.customer_id",
    ],
    [
      "another case and run together",
      tableOf("Orders", ["OrderId", "CustomerID"]),
      "Orders.CustomerID -> customers.customer_id",
    ],
  ])("%s", (_what, table, link) => {
    expect(inferred([customers, table])).toEqual([link]);
  });

  test("the table's name before a generic key, with a role before it", () => {
    const teams = tableOf("teams", ["id", text("name")]);
    const games = tableOf("games", ["id", "home_team_id", "away_team_id", "score"]);
    expect(inferred([teams, games])).toEqual(["games.away_team_id -> teams.id", "games.home_team_id -> teams.id"]);
  });

  test("a number of them points to none", () => {
    expect(inferred([customers, tableOf("cities", ["city_id", "num_customers", "count_customers"])], [], 0.3)).toEqual(
      [],
    );
  });

  test("plain columns and one's own key lead nowhere", () => {
    const notes = tableOf("notes", ["note_id", text("title"), "amount", text("created_at")]);
    expect(inferred([customers, notes])).toEqual([]);
  });

  test("types that cannot be equal are no link in PostgreSQL", () => {
    const orders = tableOf("orders", ["order_id", { name: "customer_id", type: "uuid", nullable: true }]);
    const links = inferRelationships(
      { ...snapshotOf([customers, orders]), dialect: "postgres" },
      { statistics: noStatistics, inclusions: [] },
    );
    expect(links).toEqual([]);
  });

  test("a declared key is not guessed again", () => {
    const declared = tableOf("orders", ["order_id", "customer_id"], {
      foreignKeys: [
        { columns: ["customer_id"], references: { schema: "main", table: "customers", columns: ["customer_id"] } },
      ],
    });
    expect(inferred([customers, declared])).toEqual([]);
  });

  test("a column has one target, and the order of tables does not matter", () => {
    const accounts = tableOf("accounts", ["account_id", "customer_id"]);
    const cards = tableOf("cards", ["card_id", "account_id", "customer_id"]);
    const links = inferred([customers, accounts, cards]);
    expect(links).toEqual([
      "accounts.customer_id -> customers.customer_id",
      "cards.account_id -> accounts.account_id",
      "cards.customer_id -> customers.customer_id",
    ]);
    expect(inferred([cards, accounts, customers])).toEqual(links);
  });

  test("a composite key that the other table owns in part", () => {
    const drafts = tableOf("drafts", ["document_id", "draft_number", text("body")], {
      primaryKey: { columns: ["document_id", "draft_number"] },
    });
    const prints = tableOf("prints", ["print_id", "document_id", "draft_number"]);
    const documents = tableOf("documents", ["document_id", text("title")]);
    expect(inferred([documents, drafts, prints])).toContain(
      "prints.document_id+draft_number -> drafts.document_id+draft_number",
    );
  });
});

describe("with rows", () => {
  const orders = tableOf("orders", ["order_id", "customer_id"]);
  const end = (table: string, column: string) => ({ table: { schema: "main", name: table }, columns: [column] });
  const check = (share: number): Inclusion => ({
    from: end("orders", "customer_id"),
    to: end("customers", "customer_id"),
    share,
  });
  const confidence = (inclusions: readonly Inclusion[]) =>
    inferRelationships(snapshotOf([customers, orders]), { statistics: noStatistics, inclusions })[0]?.confidence ?? 0;

  test("all values found makes a link surer than most missing", () => {
    const some = { statistics: { tables: { "main.customers": { columns: { customer_id: { distinct: 9 } } } } } };
    const missing = inferRelationships(snapshotOf([customers, orders]), { ...some, inclusions: [check(0.1)] });
    expect(confidence([check(1)])).toBeGreaterThan(missing[0]?.confidence ?? 0);
  });

  test("what was checked is not asked again", () => {
    const snapshot = snapshotOf([customers, orders]);
    const first = finish(linksToCheck(snapshot, { statistics: noStatistics, inclusions: [] }, 10));
    expect(first[0]).toEqual({ from: end("orders", "customer_id"), to: end("customers", "customer_id") });
    const asked = first.map((l) => ({ ...l, share: 1 }));
    expect(finish(linksToCheck(snapshot, { statistics: noStatistics, inclusions: asked }, 10))).toEqual([]);
  });
});

test.each([
  ["int4range", "never"],
  ["tstzrange", "never"],
  ["bigint", "int"],
  ["interval", "time"],
])("a column of type %s is to keys: %s", (type, expected) => {
  expect(keyType(type)).toBe(expected);
});
