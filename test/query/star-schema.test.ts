/** A star schema (facts by keys to days, stores and versions of customers): intents and plain questions against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE dim_date (date_key INTEGER PRIMARY KEY, full_date TEXT NOT NULL, day_of_week TEXT, calendar_month INTEGER, calendar_year INTEGER, fiscal_year INTEGER, fiscal_quarter TEXT, is_weekend INTEGER);
  CREATE TABLE dim_store (store_key INTEGER PRIMARY KEY, store_name TEXT, region TEXT, open_date TEXT, square_feet INTEGER);
  CREATE TABLE dim_customer (customer_key INTEGER PRIMARY KEY, customer_id TEXT, customer_name TEXT, tier TEXT, valid_from TEXT NOT NULL, valid_to TEXT, is_current INTEGER NOT NULL);
  CREATE TABLE fact_sales (sale_id INTEGER PRIMARY KEY, order_number TEXT NOT NULL, order_date_key INTEGER NOT NULL REFERENCES dim_date (date_key), ship_date_key INTEGER REFERENCES dim_date (date_key),
    store_key INTEGER NOT NULL REFERENCES dim_store (store_key), customer_key INTEGER REFERENCES dim_customer (customer_key), quantity INTEGER NOT NULL, gross_amount NUMERIC NOT NULL, net_amount NUMERIC NOT NULL);
  CREATE TABLE fact_budget (budget_id INTEGER PRIMARY KEY, month_date_key INTEGER NOT NULL REFERENCES dim_date (date_key), store_key INTEGER NOT NULL REFERENCES dim_store (store_key), budget_amount NUMERIC NOT NULL);
  CREATE TABLE fact_stock (date_key INTEGER NOT NULL REFERENCES dim_date (date_key), store_key INTEGER NOT NULL REFERENCES dim_store (store_key), quantity_on_hand INTEGER NOT NULL, quantity_received INTEGER NOT NULL, PRIMARY KEY (date_key, store_key));
  CREATE TABLE fact_traffic (date_key INTEGER NOT NULL REFERENCES dim_date (date_key), store_key INTEGER NOT NULL REFERENCES dim_store (store_key), visitor_count INTEGER NOT NULL, PRIMARY KEY (date_key, store_key));
  INSERT INTO dim_date VALUES (20250630, '2025-06-30', 'Monday', 6, 2025, 2025, 'Q4', 0), (20250705, '2025-07-05', 'Saturday', 7, 2025, 2026, 'Q1', 1), (20250706, '2025-07-06', 'Sunday', 7, 2025, 2026, 'Q1', 1), (20260101, '2026-01-01', 'Thursday', 1, 2026, 2026, 'Q3', 0);
  INSERT INTO dim_store VALUES (1, 'Mall', 'South', '2001-01-01', 900), (2, 'Pier', 'West', '2002-02-02', 400);
  INSERT INTO dim_customer VALUES (1, 'C1', 'Ann', 'Silver', '2020-01-01', '2025-07-01', 0), (2, 'C1', 'Ann', 'Gold', '2025-07-01', NULL, 1), (3, 'C2', 'Bob', 'Gold', '2020-01-01', NULL, 1);
  INSERT INTO fact_sales VALUES (1, 'O1', 20250630, 20250705, 1, 1, 1, 110, 100), (2, 'O1', 20250630, 20250706, 1, 1, 2, 20, 20), (3, 'O2', 20250705, 20260101, 2, 2, 1, 7, 7), (4, 'O3', 20260101, NULL, 1, 3, 5, 60, 50);
  INSERT INTO fact_budget VALUES (1, 20250630, 1, 90), (2, 20250705, 1, 40), (3, 20260101, 2, 30);
  INSERT INTO fact_stock VALUES (20250630, 1, 10, 3), (20250705, 1, 8, 1), (20250630, 2, 4, 0), (20260101, 2, 6, 2);
  INSERT INTO fact_traffic VALUES (20250630, 1, 50), (20250705, 1, 70), (20250706, 2, 30);
`);
afterAll(() => db.close());

const { context, read, rows, rowsOf, askedBack } = questionsOver(db);
const built = (intent: Intent) => buildQuery(intent, context(""));
const said = (intent: Intent) => built(intent).assumptions.map((a) => a.code);

/** Rows as texts, in an order of their own. */
const sorted = (all: readonly unknown[]) => all.map((row) => JSON.stringify(row)).sort();

const net = { term: "fact_sales.net_amount", agg: "sum" } as const;

describe("a key to a day is that day", () => {
  const answered: readonly (readonly [what: string, intent: Intent, expected: readonly unknown[]])[] = [
    ["as the time", { measures: [net], time: { term: "fact_sales.order_date_key", grain: "year" } }, [["2025-01-01", 127], ["2026-01-01", 50]]],
    ["by its words", { measures: [net], time: { term: "ship date", grain: "year" } }, [["2025-01-01", 120], ["2026-01-01", 7], [null, 50]]],
    ["as a dimension with a grain", { measures: [net], dimensions: [{ term: "order date", grain: "month" }] }, [["2025-06-01", 120], ["2025-07-01", 7], ["2026-01-01", 50]]],
    ["as a dimension by its words", { measures: [net], dimensions: [{ term: "order date" }] }, [["2025-06-30", 120], ["2025-07-05", 7], ["2026-01-01", 50]]],
    ["and as the key where that is asked for", { measures: [net], dimensions: [{ term: "order date key" }] }, [[20250630, 120], [20250705, 7], [20260101, 50]]],
    ["compared with dates", { measures: [net], filters: [{ term: "fact_sales.ship_date_key", op: ">", value: "2025-07-05" }] }, [[27]]],
    ["compared with its own numbers", { measures: [net], filters: [{ term: "fact_sales.ship_date_key", op: "=", value: 20250705 }] }, [[100]]],
    ["the only time of its rows", { measures: [{ term: "fact_budget.budget_amount", agg: "sum" }], time: { range: "2025" } }, [[130]]],
    [
      "each table by its own",
      { measures: [net, { term: "fact_budget.budget_amount", agg: "sum" }], dimensions: [{ term: "dim_store.store_name" }], time: { term: "fact_sales.order_date_key", range: "2025" } },
      [["Mall", 120, 130], ["Pier", 7, null]],
    ],
    [
      "and what the calendar says is of the same day",
      { measures: [net], dimensions: [{ term: "fiscal quarter" }], filters: [{ term: "fiscal year", op: "=", value: 2026 }], time: { term: "fact_sales.ship_date_key" } },
      [["Q1", 120], ["Q3", 7]],
    ],
    [
      "unless a word names another",
      { measures: [net], dimensions: [{ term: "fiscal_quarter", as: "ship quarter" }], time: { term: "fact_sales.order_date_key", range: "2025" } },
      [["Q1", 120], ["Q3", 7]],
    ],
  ]; // biome-ignore format: a table

  test.each(answered)("%s", (_, intent, expected) => {
    const answer = built(intent);
    expect(answer).toMatchObject({ status: "ok", issues: [] });
    expect(sorted(rowsOf(answer))).toEqual(sorted(expected));
  });

  test("of two roles neither is guessed, and no date of a store's is one", () => {
    const { status, question } = built({ measures: [net], time: { grain: "year" } });
    expect(status).toBe("needs_clarification");
    expect(question?.options.map((o) => o.label)).toEqual(["fact_sales.order_date_key", "fact_sales.ship_date_key"]);
    const [first] = question?.options ?? [];
    expect(rowsOf(built(first?.intent as Intent))).toEqual([["2025-01-01", 127], ["2026-01-01", 50]]); // biome-ignore format: rows
  });
});

describe("what there was at a time does not add up over it", () => {
  const onHand = { term: "fact_stock.quantity_on_hand" };

  test("the last row of each store counts", () => {
    const answer = built({ measures: [onHand] });
    expect(rowsOf(answer)).toEqual([[14]]);
    expect(answer.assumptions.map((a) => a.code)).toEqual(["balance_gaps"]);
    expect(rowsOf(built({ measures: [onHand], time: { range: "2025" } }))).toEqual([[12]]);
  });

  test("a sum that is asked for is said to be one", () => {
    const intent: Intent = { measures: [{ ...onHand, agg: "sum" }] };
    expect(rowsOf(built(intent))).toEqual([[28]]);
    expect(said(intent)).toEqual(["added_over_time"]);
  });

  test("what came in adds up", () => {
    expect(rowsOf(built({ measures: [{ term: "fact_stock.quantity_received" }] }))).toEqual([[6]]);
    expect(rowsOf(built({ measures: [{ term: "fact_traffic.visitor_count" }] }))).toEqual([[150]]);
  });
});

describe("former versions of rows", () => {
  test("are not counted or listed for themselves", () => {
    const counted: Intent = { measures: [{ term: "dim_customer", agg: "count" }] };
    expect(rowsOf(built(counted))).toEqual([[2]]);
    expect(said(counted)).toEqual(["current_versions"]);
    expect(rowsOf(built({ columns: [{ term: "dim_customer.tier" }] }))).toEqual([["Gold"], ["Gold"]]);
  });

  test("are what a fact refers to", () => {
    const byTier: Intent = { measures: [net], dimensions: [{ term: "dim_customer.tier" }] };
    expect(rowsOf(built(byTier))).toEqual([["Gold", 57], ["Silver", 120]]); // biome-ignore format: rows
    expect(said(byTier)).toEqual([]);
  });

  test("are there where a day, the flag or rows of many are spoken of", () => {
    const count: Intent = { measures: [{ term: "dim_customer", agg: "count" }] };
    const as = (filter: NonNullable<Intent["filters"]>[number]) => rowsOf(built({ ...count, filters: [filter] }));
    expect(as({ term: "dim_customer", op: "as_of", value: "2021-01-01" })).toEqual([[2]]);
    expect(as({ term: "dim_customer.is_current", op: "in", value: [0, 1] })).toEqual([[3]]);
    expect(as({ term: "fact_sales.order_number", op: "=", value: "O1" })).toEqual([[1]]);
  });
});

describe("a word for money counts no rows", () => {
  test("of several amounts one is asked for, the rows among them", () => {
    const { status, question } = built({ measures: [{ term: "sales" }] });
    expect(status).toBe("needs_clarification");
    expect(question?.options.map((o) => o.label)).toEqual([
      "sum of fact_sales.quantity",
      "sum of fact_sales.gross_amount",
      "sum of fact_sales.net_amount",
      "number of rows of fact_sales",
    ]);
    expect(question?.options.map((o) => rowsOf(built(o.intent)))).toEqual([[[9]], [[197]], [[177]], [[4]]]);
  });

  test("the only one is added up, unless a count is asked for", () => {
    expect(rowsOf(built({ measures: [{ term: "budget" }] }))).toEqual([[160]]);
    expect(said({ measures: [{ term: "budget" }] })).toEqual(["amount"]);
    expect(rowsOf(built({ measures: [{ term: "fact_budget", agg: "count" }] }))).toEqual([[3]]);
  });
});

describe("a star whose columns have prefixes", () => {
  const tpc = new Database(":memory:");
  tpc.exec(`
    CREATE TABLE date_dim (d_date_sk INTEGER PRIMARY KEY, d_date TEXT, d_year INTEGER, d_moy INTEGER, d_quarter_name TEXT, d_day_name TEXT, d_weekend TEXT);
    CREATE TABLE item (i_item_sk INTEGER PRIMARY KEY, i_brand TEXT, i_category TEXT);
    CREATE TABLE store (s_store_sk INTEGER PRIMARY KEY, s_store_name TEXT, s_city TEXT);
    CREATE TABLE store_sales (ss_sold_date_sk INTEGER REFERENCES date_dim (d_date_sk), ss_item_sk INTEGER REFERENCES item (i_item_sk), ss_store_sk INTEGER REFERENCES store (s_store_sk), ss_ticket_number INTEGER, ss_net_paid NUMERIC, ss_net_profit NUMERIC, PRIMARY KEY (ss_item_sk, ss_ticket_number));
    CREATE TABLE inventory (inv_date_sk INTEGER REFERENCES date_dim (d_date_sk), inv_item_sk INTEGER REFERENCES item (i_item_sk), inv_quantity_on_hand INTEGER, PRIMARY KEY (inv_date_sk, inv_item_sk));
    INSERT INTO date_dim VALUES (1, '2025-03-07', 2025, 3, '2025Q1', 'Friday', 'N'), (2, '2025-03-08', 2025, 3, '2025Q1', 'Saturday', 'Y'), (3, '2026-01-02', 2026, 1, '2026Q1', 'Friday', 'N');
    INSERT INTO item VALUES (1, 'amalg', 'Shoes'), (2, 'edu', 'Music');
    INSERT INTO store VALUES (1, 'able', 'Midway'), (2, 'ought', 'Fairview');
    INSERT INTO store_sales VALUES (1, 1, 1, 1, 10, 4), (2, 1, 2, 2, 20, 9), (2, 2, 1, 1, 5, 1), (3, 2, 2, 3, 7, 2);
    INSERT INTO inventory VALUES (1, 1, 9), (2, 1, 8), (1, 2, 3);
  `);
  afterAll(() => tpc.close());
  const over = questionsOver(tpc);

  test.each([
    ["Net paid by month in 2025", [["2025-03-01", 35]]],
    ["Net profit by day name", [["Friday", 6], ["Saturday", 10]]],
    ["Total net profit in 2025", [[14]]],
    ["Inventory by category", [["Music", 3], ["Shoes", 8]]],
    ["Quantity on hand by category", [["Music", 3], ["Shoes", 8]]],
    ["Which store has the highest net profit?", [[2, "ought", 11]]],
  ] as const)("%s", (question, expected) => {
    expect(sorted(over.rows(question))).toEqual(sorted(expected));
  }); // biome-ignore format: a table

  test("sales on weekends are one of its amounts, of days whose text says yes", () => {
    const answer = over.read("Sales on weekends");
    const options = answer.ok ? (answer.value.question?.options ?? []) : [];
    expect(options.map((o) => o.label)).toEqual(["store_sales.ss_net_paid", "store_sales.ss_net_profit"]);
    expect(options.map((o) => over.rowsOf(buildQuery(o.intent, over.context(""))))).toEqual([[[25]], [[10]]]);
  });
});

describe("questions", () => {
  const answered: readonly (readonly [question: string, expected: readonly unknown[]])[] = [
    ["Net sales by month in 2025", [["2025-06-01", 120], ["2025-07-01", 7]]],
    ["Net sales by fiscal quarter for fiscal year 2026", [["Q1", 7], ["Q3", 50]]],
    ["Top 1 stores by net sales", [[1, "Mall", 170]]],
    ["How many orders did we have in 2025?", [[2]]],
    ["Orders not yet shipped", [["O3"]]],
    ["Orders shipped in July 2025", [["O1"]]],
    ["How many customers are there?", [[2]]],
    ["Quantity on hand by store", [[1, "Mall", 8], [2, "Pier", 6]]],
    ["Budget by store for 2025", [[1, "Mall", 130]]],
    ["Largest store by square feet", [["Mall"]]],
  ]; // biome-ignore format: a table

  test.each(answered)("%s", (question, expected) => {
    expect(sorted(rows(question))).toEqual(sorted(expected));
  });

  test.each([
    ["Sales by region", 'amount of fact_sales'],
    ["Sales on weekends", "amount of fact_sales"],
    ["Sales to gold customers", "amount of fact_sales"],
    ["Which store has the highest sales?", "amount of fact_sales"],
    ["Stores with sales over 100", "amount of fact_sales"],
  ])("%s: which amount is asked", (question, of) => {
    expect(askedBack(question)).toContain(`Which ${of} is meant`);
  }); // biome-ignore format: a table

  test("each of the amounts is an answer", () => {
    const answersOf = (question: string) => {
      const answer = read(question);
      return answer.ok ? (answer.value.question?.options ?? []).map((o) => rowsOf(built(o.intent))) : [];
    };
    expect(answersOf("Sales on weekends")).toEqual([[[7]], [[7]]]);
    expect(answersOf("Stores with sales over 100")).toEqual(
      [[["Mall"]], [["Mall"]]].map((r) => r.map(([n]) => [1, n, expect.any(Number)])),
    );
    expect(answersOf("Sales to gold customers")).toEqual([[[67]], [[57]]]);
  });

  test("a number of what no row is, is asked for as a sum", () => {
    expect(askedBack("How many visitors per store?")).toContain("sum of fact_traffic.visitor_count");
  });

  test("what else was not understood is said, whichever amount is meant", () => {
    expect(askedBack("Sales by age group")).toContain('"age group"');
    expect(askedBack("What is the ratio of sales to budget?")).toContain("a ratio is of two measures");
  });
});
