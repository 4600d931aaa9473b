/** Mapping over a small company schema: names, synonyms, values, glossary, feedback, pins, exact Refs, and the answers "no such thing" and "which". */

import { describe, expect, it } from "vitest";
import { declaredRelationships } from "../../src/schema/relationships.js";
import type { SchemaSnapshot, Table } from "../../src/schema/snapshot.js";
import type { SchemaView } from "../../src/schema/view.js";
import { emptyGlossary, glossaryFile } from "../../src/terms/glossary.js";
import { mapTerm, resultOf } from "../../src/terms/map.js";
import type { TermMatch } from "../../src/terms/mapping.js";
import { rankColumns } from "../../src/terms/question-ranker.js";
import { rankTables } from "../../src/terms/table-ranker.js";
import { buildTermIndex, type TermIndex } from "../../src/terms/term-index.js";
import { viewOf } from "../schema/snapshots.js";

function table(name: string, columns: Record<string, string>, keys: Record<string, string> = {}): Table {
  return {
    schema: "main",
    name,
    kind: "table",
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type, nullable: true })),
    primaryKey: { columns: [Object.keys(columns)[0] ?? ""] },
    uniques: [],
    foreignKeys: Object.entries(keys).map(([column, target]) => ({
      columns: [column],
      references: { schema: "main", table: target, columns: [`${target.replace(/s$/u, "")}_id`] },
    })),
    checks: [],
    indexes: [],
    triggers: [],
    policies: [],
  };
}

const snapshot: SchemaSnapshot = {
  dialect: "sqlite",
  defaultSchema: "main",
  schemas: [{ name: "main" }],
  tables: [
    table("customers", { customer_id: "INTEGER", name: "TEXT", country: "TEXT", birthdate: "DATE" }),
    table(
      "orders",
      { order_id: "INTEGER", customer_id: "INTEGER", order_date: "DATE", total_amt: "NUMERIC", status: "TEXT" },
      { customer_id: "customers" },
    ),
    table("employees", { employee_id: "INTEGER", name: "TEXT", salary: "NUMERIC", hire_date: "DATE" }),
  ],
  enums: [],
  domains: [],
  composites: [],
  sequences: [],
  functions: [],
  extensions: [],
};

const view: SchemaView = {
  snapshot,
  version: "sha256:test",
  relationships: declaredRelationships(snapshot),
  statistics: {
    tables: {
      "main.customers": {
        rowEstimate: 3,
        columns: {
          country: {
            values: [
              { value: "France", count: 2 },
              { value: "New Zealand", count: 1 },
            ],
          },
        },
      },
      "main.orders": {
        rowEstimate: 5,
        columns: {
          status: {
            values: [
              { value: "OVERDUE", count: 2 },
              { value: "paid", count: 3 },
            ],
          },
        },
      },
    },
  },
};

const glossary = glossaryFile.parse({
  version: 1,
  metrics: [{ name: "net revenue", synonyms: ["revenue net of returns"], expression: "sum(orders.total_amt)" }],
  terms: [{ name: "late payer", ref: "orders.status", value: "OVERDUE" }],
});

const index = buildTermIndex(view, glossary);
const best = (term: string, more: object = {}) => mapTerm(index, { term, ...more }).matches[0];

describe("mapTerm", () => {
  it.each([
    ["orders.total_amt", "orders.total_amt"],
    ['"ORDERS"."Total_Amt"', "orders.total_amt"],
    ["main.orders.status", "orders.status"],
  ])("takes the Ref %s as it stands", (term, ref) => {
    expect(mapTerm(index, { term })).toMatchObject({ status: "matched", matches: [{ ref, confidence: 1 }] });
  });

  it.each([
    ["salary", "employees.salary"],
    ["order total amount", "orders.total_amt"],
    ["hire date", "employees.hire_date"],
    ["countries", "customers.country"],
  ])("finds the column of %s", (term, ref) => expect(best(term, { kinds: ["column"] })?.ref).toBe(ref));

  it("finds tables by name and by synonym", () => {
    expect(best("customers", { kinds: ["table"] })?.ref).toBe("customers");
    expect(best("staff", { kinds: ["table"] })?.ref).toBe("employees");
  });

  it("lets the question decide between namesakes", () => {
    expect(best("name", { kinds: ["column"], question: "What is the name of each employee?" })?.ref).toBe(
      "employees.name",
    );
    expect(best("name", { kinds: ["column"], question: "What is the name of each customer?" })?.ref).toBe(
      "customers.name",
    );
  });

  it.each([
    ["france", "customers.country", "France"],
    ["new zealand", "customers.country", "New Zealand"],
    ["overdue", "orders.status", "OVERDUE"],
    ["Frence", "customers.country", "France"],
  ])("finds the stored literal of %s", (term, ref, value) =>
    expect(best(term, { kinds: ["value"] })).toMatchObject({ kind: "value", ref, value }),
  );

  it("knows the glossary's metrics and terms", () => {
    expect(best("Net Revenue")).toMatchObject({
      kind: "measure",
      ref: "net revenue",
      expression: "sum(orders.total_amt)",
    });
    expect(best("late payers")).toMatchObject({ kind: "value", ref: "orders.status", value: "OVERDUE" });
  });

  it("asks which metric a word means that several are about", () => {
    const more = { name: "gross revenue", expression: "sum(orders.total_amt)" };
    const two = glossaryFile.parse({ version: 1, metrics: [...glossary.metrics, more] });
    expect(best("revenue")).toMatchObject({ kind: "measure", ref: "net revenue" });
    const asked = mapTerm(buildTermIndex(view, two), { term: "revenue" });
    expect(asked.status).toBe("ambiguous");
    expect(asked.clarify).toBe('By "revenue", do you mean net revenue or gross revenue?');
  });

  it("lets a confirmed mapping win at once and moves no other term", () => {
    const learned = [{ term: "volume", ref: "orders.total_amt", verdict: "correct" as const, weight: 1 }];
    expect(mapTerm(index, { term: "Volumes" }, learned).matches[0]?.ref).toBe("orders.total_amt");
    expect(mapTerm(index, { term: "salary" }, learned)).toEqual(mapTerm(index, { term: "salary" }));
  });

  it("sinks a refused mapping", () => {
    const before = best("salary", { kinds: ["column"] })?.confidence ?? 0;
    const after = mapTerm(index, { term: "salary", kinds: ["column"] }, [
      { term: "salary", ref: "employees.salary", verdict: "wrong", weight: 1 },
    ]);
    expect(after.matches.find((m) => m.ref === "employees.salary")?.confidence ?? 0).toBeLessThan(before / 2);
  });

  it("stays within pinned tables and bounds", () => {
    const found = mapTerm(index, { term: "name", kinds: ["column"], tables: ["employees"], limit: 2 });
    expect(found.matches).toHaveLength(2);
    for (const match of found.matches) expect(match.ref.startsWith("employees.")).toBe(true);
    for (const match of mapTerm(index, { term: "name", minConfidence: 0.5 }).matches)
      expect(match.confidence).toBeGreaterThanOrEqual(0.5);
  });

  it("says that there is no such thing", () => {
    const found = mapTerm(index, { term: "spaceship fuel", kinds: ["column"] });
    expect(found.matches[0]?.confidence ?? 0).toBeLessThan(0.5);
  });

  it("gives probabilities in order, the same every time", () => {
    const found = mapTerm(index, { term: "date", limit: 20 });
    const confidences = found.matches.map((m) => m.confidence);
    expect(confidences).toEqual(confidences.toSorted((a, b) => b - a));
    for (const c of confidences) expect(c >= 0 && c <= 1).toBe(true);
    expect(
      mapTerm(buildTermIndex({ ...view, statistics: { ...view.statistics } }, glossary), { term: "date", limit: 20 }),
    ).toEqual(found);
  });

  it.each(["", " ", "?!", "💥", "'; drop table x", '"', "a".repeat(500), "…".repeat(100)])(
    "bears the term %j",
    (term) => {
      expect(() => mapTerm(index, { term, question: term })).not.toThrow();
    },
  );
});

describe("whole questions", () => {
  it("ranks the columns and tables that a question needs", () => {
    const question = "What is the salary of the employee hired last?";
    expect(
      rankColumns(index, question)
        .slice(0, 2)
        .map((r) => r.ref)
        .toSorted(),
    ).toEqual(["employees.hire_date", "employees.salary"]);
    expect(rankTables(index, question)[0]?.ref).toBe("employees");
    expect(mapTerm(index, { term: question, kinds: ["column"], limit: 20 }).matches[0]?.ref).toBe(
      rankColumns(index, question)[0]?.ref,
    );
  });
});

describe("a column that many tables have", () => {
  const inTables = (count: number, confidence: number): TermMatch[] =>
    Array.from({ length: count }, (_, i) => ({ kind: "column", ref: `t${i}.tax_amount`, confidence, why: [] }));

  it("is asked about where the tables together are likely meant", () => {
    const result = resultOf(index, { term: "tax amount" }, inTables(6, 0.14));
    expect(result.status).toBe("ambiguous");
    expect(result.clarify).toBe('By "tax amount", do you mean t0.tax_amount or t1.tax_amount?');
  });

  it("is no match where they are unlikely together, or unlike one another", () => {
    expect(resultOf(index, { term: "tax amount" }, inTables(6, 0.02)).status).toBe("no_match");
    const one = [...inTables(1, 0.14), ...inTables(4, 0.03)];
    expect(resultOf(index, { term: "tax amount" }, one).status).toBe("no_match");
  });
});

describe("a phrase that a column's and its table's names meet between them", () => {
  const bills = viewOf([
    table("invoices", { invoice_id: "INTEGER", invoice_type: "TEXT", total_amount_cents: "INTEGER", due_date: "DATE" }),
    table("exports_invoices", { export_id: "INTEGER", invoice_type: "TEXT", total_amount_cents: "INTEGER" }),
    table("fees", { fee_id: "INTEGER", fee_type: "TEXT", amount_cents: "INTEGER" }),
  ]);

  it.each([
    ["invoice total", "invoices.total_amount_cents"],
    ["fee amount", "fees.amount_cents"],
    ["invoice due date", "invoices.due_date"],
    ["fee type", "fees.fee_type"],
  ])("%s is %s", (term, ref) => {
    expect(mapTerm(buildTermIndex(bills, emptyGlossary), { term, kinds: ["column"] }).matches[0]?.ref).toBe(ref);
  });
});

it("says where what was learned speaks for a column that shares no word with the term", () => {
  const { matches } = mapTerm(buildTermIndex(view, emptyGlossary), { term: "who earns most" });
  expect(matches[0]).toMatchObject({ kind: "column", ref: "employees.salary" });
  expect(matches[0]?.why.map((w) => w.signal)).toContain("learned");
});

function answer(index: TermIndex, term: string) {
  const { status, matches } = mapTerm(index, { term });
  return { status, ref: matches[0]?.ref };
}

describe("acronyms", () => {
  const saas = buildTermIndex(
    viewOf([
      table("subscriptions", {
        sub_id: "INTEGER",
        mrr_cents: "INTEGER",
        sales_ytd: "NUMERIC",
        net_revenue: "NUMERIC",
      }),
      table("collections", {
        collection_id: "INTEGER",
        dso: "NUMERIC",
        cogs_amt: "NUMERIC",
        dob: "DATE",
        days_past_due: "INTEGER",
      }),
      table("plans", { plan_id: "INTEGER", arr: "NUMERIC", net_asset_value: "NUMERIC" }),
      table("flights", { flno: "INTEGER", origin: "TEXT", destination: "TEXT" }),
    ]),
    emptyGlossary,
  );

  it.each([
    // As the name has it, written out, and short for a name that is written out.
    ["MRR", "subscriptions.mrr_cents"],
    ["monthly recurring revenue", "subscriptions.mrr_cents"],
    ["ARR", "plans.arr"],
    ["NAV", "plans.net_asset_value"],
    ["YTD sales", "subscriptions.sales_ytd"],
    ["DSO", "collections.dso"],
    ["days sales outstanding", "collections.dso"],
    ["COGS", "collections.cogs_amt"],
    ["DOB", "collections.dob"],
    ["date of birth", "collections.dob"],
    ["flight numbers", "flights.flno"],
    // What the schema's `arr` may stand for beside arrival, and a word for two of a name's.
    ["annual recurring revenue", "plans.arr"],
    ["days overdue", "collections.days_past_due"],
  ])("%s is %s", (term, ref) => {
    expect(answer(saas, term)).toEqual({ status: "matched", ref });
  });

  it("do not stand for names that have some of their words", () => {
    expect(
      mapTerm(saas, { term: "MRR" }).matches.find((m) => m.ref === "subscriptions.net_revenue")?.confidence ?? 0,
    ).toBeLessThan(0.1);
  });
});

describe("a head that says next to nothing", () => {
  const people = buildTermIndex(
    viewOf([
      table(
        "contacts",
        { contact_id: "INTEGER", phone: "TEXT", email: "TEXT", city: "TEXT", country_id: "INTEGER" },
        {},
      ),
      table("deliveries", { delivery_id: "INTEGER", courier: "INTEGER", tracking: "TEXT", currency: "TEXT" }),
      table("couriers", { courier_id: "INTEGER", label: "TEXT" }),
    ]),
    emptyGlossary,
  );

  it.each([
    ["phone number", "contacts.phone"],
    ["city name", "contacts.city"],
    ["email address", "contacts.email"],
    ["currency code", "deliveries.currency"],
    ["tracking number", "deliveries.tracking"],
    ["telephone number", "contacts.phone"],
    ["the name of the city", "contacts.city"],
  ])("of %s leaves %s", (term, ref) => {
    expect(answer(people, term)).toEqual({ status: "matched", ref });
  });

  it.each([
    // A courier has a table of its own.
    ["courier name", "deliveries.courier"],
    ["number", "contacts.phone"],
    ["first name", "contacts.phone"],
  ])("does not make %s mean %s", (term, ref) => {
    expect(mapTerm(people, { term }).matches.find((m) => m.ref === ref)?.confidence ?? 0).toBeLessThan(0.5);
  });
});

describe("two ends of one key", () => {
  const policies = viewOf([
    table("policy", { policy_no: "TEXT", premium: "NUMERIC" }),
    {
      ...table("claim", { claim_no: "TEXT", policy_no: "TEXT", paid: "NUMERIC" }),
      foreignKeys: [toPolicy("policy_no")],
    },
    { ...table("renewal", { renewal_no: "TEXT", old_no: "TEXT" }), foreignKeys: [toPolicy("old_no")] },
  ]);
  const keyed = buildTermIndex(policies, emptyGlossary);
  const found = (refs: readonly (readonly [string, number])[]) =>
    refs.map(([ref, confidence]): TermMatch => ({ kind: "column", ref, confidence, why: [] }));

  it("are no rivals under one name", () => {
    const all = found([
      ["policy.policy_no", 0.55],
      ["claim.policy_no", 0.4],
    ]);
    expect(resultOf(keyed, { term: "policy number" }, all).status).toBe("matched");
  });

  it("are rivals under two, for each may play a part of its own", () => {
    const all = found([
      ["policy.policy_no", 0.55],
      ["renewal.old_no", 0.4],
    ]);
    expect(resultOf(keyed, { term: "policy number" }, all).status).toBe("ambiguous");
  });

  it("leave the third a rival", () => {
    const all = found([
      ["policy.policy_no", 0.51],
      ["claim.policy_no", 0.3],
      ["claim.claim_no", 0.3],
    ]);
    expect(resultOf(keyed, { term: "number" }, all).status).toBe("ambiguous");
  });
});

function toPolicy(column: string): Table["foreignKeys"][number] {
  return { columns: [column], references: { schema: "main", table: "policy", columns: ["policy_no"] } };
}

describe("rows that are counted", () => {
  const stays = buildTermIndex(
    viewOf([
      table("bookings", { booking_id: "INTEGER", n_adults: "INTEGER", room_no: "TEXT" }),
      table("guests", { guest_id: "INTEGER", booking_count: "INTEGER", phone: "TEXT" }),
      table("rooms", { room_id: "INTEGER", capacity: "INTEGER" }),
    ]),
    emptyGlossary,
  );

  it.each([
    ["number of rooms", "rooms"],
    ["guest count", "guests"],
    ["total number of guests", "guests"],
    // Columns that tell a number, and numbers that count nothing.
    ["booking count", "guests.booking_count"],
    ["number of adults", "bookings.n_adults"],
    ["room number", "bookings.room_no"],
  ])("%s: %s", (term, ref) => {
    expect(answer(stays, term)).toEqual({ status: "matched", ref });
  });

  it("are said to be, and stay within pinned tables", () => {
    expect(mapTerm(stays, { term: "number of rooms" }).matches[0]?.why[0]?.signal).toBe("rows");
    const elsewhere = mapTerm(stays, { term: "number of rooms", tables: ["bookings"] });
    expect(elsewhere.matches.map((m) => m.ref)).not.toContain("rooms");
  });
});

describe("rows of a table that another is named before", () => {
  const key = (column: string, of: string): Table["foreignKeys"][number] => ({
    columns: [column],
    references: { schema: "main", table: of, columns: [column] },
  });
  const bank = buildTermIndex(
    viewOf([
      table("customers", { customer_id: "INTEGER", city: "TEXT" }),
      {
        ...table("accounts", { account_id: "INTEGER", customer_id: "INTEGER", currency: "TEXT" }),
        foreignKeys: [key("customer_id", "customers")],
      },
      {
        ...table("transactions", { transaction_id: "INTEGER", account_id: "INTEGER", channel: "TEXT" }),
        foreignKeys: [key("account_id", "accounts")],
      },
      table("channels", { channel_id: "INTEGER", label: "TEXT" }),
    ]),
    emptyGlossary,
  );

  it.each([
    ["account transactions", "transactions"],
    ["customer accounts", "accounts"],
    // A column of the first is called so.
    ["transaction channel", "transactions.channel"],
  ])("%s: %s", (term, ref) => {
    expect(answer(bank, term)).toEqual({ status: "matched", ref });
  });

  it("are meant only where the tables are linked", () => {
    expect(mapTerm(bank, { term: "customer transactions" }).matches[0]?.why[0]?.signal).not.toBe("rows");
  });
});

it("takes the name that is the term in short forms before one that is near it", () => {
  const freight = buildTermIndex(
    viewOf([
      table("orders", { order_id: "INTEGER", freight_amt: "NUMERIC" }),
      table("shipments", { shipment_id: "INTEGER", freight_cents: "INTEGER" }),
    ]),
    emptyGlossary,
  );
  expect(answer(freight, "freight amount")).toEqual({ status: "matched", ref: "orders.freight_amt" });
});
