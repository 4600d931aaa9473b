/** TPC-H by declared keys: intents that fan out, look up and meet, each beside a query that a careful person would write, on the same rows. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { buildQuery } from "../src/query/build.js";
import { type Intent, intentSchema } from "../src/query/intent.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { noTerms, rowsOf, sameRows } from "./query-cases.js";
import { servedView } from "./query-views.js";

interface Case {
  readonly about: string;
  readonly intent: unknown;
  readonly check: string;
}

const customerNation = { from: "customer.c_nationkey", to: "nation.n_nationkey" };

const cases: readonly Case[] = [
  {
    about: "priced lines by ship mode",
    intent: {
      measures: [{ term: "lineitem.l_extendedprice", agg: "sum" }],
      dimensions: [{ term: "lineitem.l_shipmode" }],
      filters: [{ term: "lineitem.l_quantity", op: "<", value: 24 }],
    },
    check: "SELECT l_shipmode, sum(l_extendedprice) FROM lineitem WHERE l_quantity < 24 GROUP BY l_shipmode",
  },
  {
    about: "order totals by customer segment, looked up",
    intent: {
      measures: [{ term: "orders.o_totalprice", agg: "sum" }],
      dimensions: [{ term: "customer.c_mktsegment" }],
    },
    check:
      "SELECT c_mktsegment, sum(o_totalprice) FROM orders JOIN customer ON c_custkey = o_custkey GROUP BY c_mktsegment",
  },
  {
    about: "order totals where a line was shipped by air: each order once",
    intent: {
      measures: [{ term: "orders.o_totalprice", agg: "sum" }],
      filters: [{ term: "lineitem.l_shipmode", op: "=", value: "AIR" }],
    },
    check:
      "SELECT sum(o_totalprice) FROM orders WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem WHERE l_shipmode = 'AIR')",
  },
  {
    about: "order totals by ship mode: each order once in a group",
    intent: {
      measures: [{ term: "orders.o_totalprice", agg: "sum" }],
      dimensions: [{ term: "lineitem.l_shipmode" }],
    },
    check:
      "SELECT l_shipmode, sum(o_totalprice) FROM orders LEFT JOIN (SELECT DISTINCT l_orderkey, l_shipmode FROM lineitem) AS l ON l_orderkey = o_orderkey GROUP BY l_shipmode",
  },
  {
    about: "balances of customers and of their orders met on the segment",
    intent: {
      measures: [
        { term: "customer.c_acctbal", agg: "sum" },
        { term: "orders.o_totalprice", agg: "sum" },
      ],
      dimensions: [{ term: "customer.c_mktsegment" }],
    },
    check: `SELECT c.c_mktsegment, sum(c_acctbal), (SELECT sum(o_totalprice) FROM orders JOIN customer AS d ON d.c_custkey = o_custkey
      WHERE d.c_mktsegment = c.c_mktsegment) FROM customer AS c GROUP BY c.c_mktsegment`,
  },
  {
    about: "customers by nation's region, by the customer's own nation",
    intent: {
      measures: [{ term: "*", agg: "count", table: "customer" }],
      dimensions: [{ term: "region.r_name" }],
      joins: [customerNation],
    },
    check:
      "SELECT r_name, count(*) FROM customer LEFT JOIN nation ON n_nationkey = c_nationkey LEFT JOIN region ON r_regionkey = n_regionkey GROUP BY r_name",
  },
  {
    about: "composite key: quantity by supply cost of the line's own part and supplier",
    intent: {
      measures: [{ term: "lineitem.l_quantity", agg: "sum" }],
      filters: [{ term: "partsupp.ps_supplycost", op: ">", value: 900 }],
      joins: [
        { from: "lineitem.l_partkey", to: "partsupp.ps_partkey" },
        { from: "lineitem.l_suppkey", to: "partsupp.ps_suppkey" },
      ],
    },
    check:
      "SELECT sum(l_quantity) FROM lineitem JOIN partsupp ON ps_partkey = l_partkey AND ps_suppkey = l_suppkey WHERE ps_supplycost > 900",
  },
  {
    about: "orders by month of 1995",
    intent: {
      measures: [{ term: "*", agg: "count", table: "orders" }],
      time: { term: "orders.o_orderdate", grain: "month", range: "1995" },
    },
    check:
      "SELECT substr(o_orderdate, 1, 7) || '-01', count(*) FROM orders WHERE o_orderdate >= '1995-01-01' AND o_orderdate < '1996-01-01' GROUP BY 1",
  },
  {
    about: "ten best customers by orders",
    intent: {
      measures: [{ term: "orders.o_totalprice", agg: "sum", as: "spent" }],
      dimensions: [{ term: "customer.c_name" }],
      order_by: [{ by: "spent", direction: "desc" }],
      limit: 10,
    },
    check:
      "SELECT c_name, sum(o_totalprice) FROM orders JOIN customer ON c_custkey = o_custkey GROUP BY c_name ORDER BY 2 DESC, 1 LIMIT 10",
  },
];

/** Which nation is meant (the customer's or the supplier's) no term says: these must be asked. */
const ambiguous: readonly unknown[] = [
  {
    measures: [{ term: "lineitem.l_extendedprice", agg: "sum" }],
    dimensions: [{ term: "nation.n_name" }, { term: "customer.c_mktsegment" }, { term: "supplier.s_name" }],
  },
];

/** Prints how many are right, and which are not. */
export async function tpch(data: string): Promise<void> {
  const file = join(data, "semantic/tpch.sqlite");
  if (!existsSync(file)) {
    console.error("SKIPPED: tpch: no semantic/tpch.sqlite");
    return;
  }
  const view = await servedView(`sqlite:${file}`);
  const db = new Database(file, { readonly: true });
  const build = (given: unknown) => {
    const intent: Intent = intentSchema.parse(given);
    return buildQuery(intent, {
      view,
      resolve: noTerms,
      glossary: emptyGlossary,
      now: 0,
      settings: defaultQuerySettings,
    });
  };
  let right = 0;
  for (const { about, intent, check } of cases) {
    const answer = build(intent);
    const same = answer.sql !== undefined && sameRows(rowsOf(db, answer.sql, answer.params), rowsOf(db, check), false);
    if (same) right++;
    else
      console.log(
        `  tpch, ${about}: ${answer.sql === undefined ? answer.status : "other rows"} ${answer.question?.text ?? answer.issues.map((i) => i.message).join(" ")}`,
      );
  }
  const asked = ambiguous.filter((a) => build(a).status === "needs_clarification").length;
  db.close();
  console.log(`\ntpch: right ${right} of ${cases.length}, ambiguities asked ${asked} of ${ambiguous.length}`);
}
