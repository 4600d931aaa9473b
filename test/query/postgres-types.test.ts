/** What PostgreSQL's types ask of built SQL: domains (also ones that allow no NULL) as the types beneath them, moments with a time zone between others. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { buildQuery } from "../../src/query/build.js";
import { intentSchema } from "../../src/query/intent.js";
import { fingerprint } from "../../src/schema/normal-form.js";
import { plainType } from "../../src/schema/plain-types.js";
import { declaredRelationships } from "../../src/schema/relationships.js";
import type { SchemaView } from "../../src/schema/view.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { withoutTerms } from "./without-terms.js";

let database: ScratchDatabase;
let connector: Connector;
let view: SchemaView;

beforeAll(async () => {
  database = await createDatabase(`
    CREATE DOMAIN amount AS numeric(12,2) NOT NULL CHECK (VALUE > -1000);
    CREATE DOMAIN fee AS amount CHECK (VALUE < 1000);
    CREATE DOMAIN label AS varchar(20);
    CREATE TABLE shops (id int PRIMARY KEY, town label);
    CREATE TABLE sales (id int PRIMARY KEY, shop_id int REFERENCES shops, total amount, charge fee, marks label[], at timestamptz NOT NULL);
    CREATE TABLE returns (id int PRIMARY KEY, shop_id int REFERENCES shops, total amount);
    INSERT INTO shops VALUES (1, 'Ulm'), (2, 'Bonn');
    INSERT INTO sales VALUES (1, 1, 10, 1, '{a}', '2024-03-01 09:00+00'), (2, 1, 5, 2, NULL, '2024-03-31 12:00+00'), (3, 2, 7, 3, NULL, '2024-04-02 00:00+00');
    INSERT INTO returns VALUES (1, 1, 4);
  `);
  connector = openConnector({ url: database.readerUrl });
  const { snapshot, statistics } = await connector.inspect();
  view = { snapshot, statistics, version: fingerprint(snapshot), relationships: declaredRelationships(snapshot) };
});
afterAll(async () => {
  await connector.close();
  await database.drop();
});

async function rows(intent: unknown): Promise<readonly (readonly unknown[])[]> {
  const answer = buildQuery(intentSchema.parse(intent), withoutTerms(view));
  expect(answer.issues).toEqual([]);
  const limits = { maxRows: 100, maxBytes: 1_000_000, timeoutMs: 10_000 };
  return (await connector.run({ sql: answer.sql ?? "", params: answer.params ?? [], ...limits })).rows;
}

test("a column of a domain has the type beneath it, through domains over domains and in arrays", () => {
  const sales = view.snapshot.tables.find((t) => t.name === "sales");
  const types = Object.fromEntries(sales?.columns.map((c) => [c.name, plainType(view.snapshot, c)]) ?? []);
  expect(types).toMatchObject({ total: "numeric(12,2)", charge: "numeric(12,2)", marks: "character varying(20)[]" });
  expect(sales?.columns.find((c) => c.name === "charge")?.type).toBe("fee");
});

test("sums of domains, met where one has no rows: the domain's NOT NULL is not asked of what is missing", async () => {
  const measures = [
    { term: "sales.total", agg: "sum" },
    { term: "sales.charge", agg: "avg" },
    { term: "returns.total", agg: "max" },
  ];
  const found = await rows({ measures, dimensions: [{ term: "shops.town" }], order_by: [{ by: "shops.town" }] });
  expect(found.map((row) => row.map((v) => (v === null || Number.isNaN(Number(v)) ? v : Number(v))))).toEqual([
    ["Bonn", 7, 3, null],
    ["Ulm", 15, 1.5, 4],
  ]);
});

test("the first and the last of a domain", async () => {
  const asked = (agg: string) => ({ measures: [{ term: "sales.total", agg }], dimensions: [{ term: "shops.town" }] });
  const order = { order_by: [{ by: "shops.town" }] };
  expect(await rows({ ...asked("first"), ...order })).toEqual([
    ["Bonn", "7.00"],
    ["Ulm", "10.00"],
  ]);
  expect(await rows({ ...asked("last"), ...order })).toEqual([
    ["Bonn", "7.00"],
    ["Ulm", "5.00"],
  ]);
});

test("a day that is compared with moments is its midnight, and said to be", () => {
  const said = (filter: object) => {
    const intent = intentSchema.parse({ measures: [{ term: "sales", agg: "count" }], filters: [filter] });
    return buildQuery(intent, withoutTerms(view)).assumptions.map((a) => a.code);
  };
  expect(said({ term: "sales.at", op: "between", value: ["2024-03-01", "2024-04-01"] })).toEqual(["day_is_midnight"]);
  expect(said({ term: "sales.at", op: "=", value: "2024-03-01" })).toEqual(["day_is_midnight"]);
  expect(said({ term: "sales.at", op: "<", value: "2024-03-01" })).toEqual([]);
  expect(said({ term: "sales.at", op: "between", value: ["2024-03-01", "2024-04-01 00:00:00"] })).toEqual([]);
});

test("filters on domains and between moments", async () => {
  const count = (filter: object) => rows({ measures: [{ term: "sales", agg: "count" }], filters: [filter] });
  expect(await count({ term: "sales.total", op: ">=", value: 7 })).toEqual([[2]]);
  expect(await count({ term: "shops.town", op: "starts_with", value: "U" })).toEqual([[2]]);
  expect(await count({ term: "sales.at", op: "between", value: ["2024-03-01", "2024-04-01"] })).toEqual([[2]]);
  expect(
    await count({ term: "sales.at", op: "between", value: ["2024-03-31T14:00:00+02:00", "2024-04-02T00:00:00Z"] }),
  ).toEqual([[2]]);
});
