/** Naming conventions that say nothing of what is meant: layers of a warehouse, a table's prefix, units, and tables that repeat others. */

import { describe, expect, it } from "vitest";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const text = (name: string) => ({ name, type: "TEXT", nullable: true });
const number = (name: string) => ({ name, type: "NUMERIC", nullable: true });
const moment = (name: string) => ({ name, type: "DATE", nullable: true });

const index = buildTermIndex(
  viewOf([
    tableOf("dim_listings", ["listing_id", text("title"), "owner_user_id"]),
    tableOf("dim_users", ["user_id", text("home_state")]),
    tableOf("fct_bookings", ["booking_id", "listing_id", number("amount_cents"), number("refund_amount_usd")]),
    tableOf("fct_views", ["view_id", "listing_id", "user_id"]),
    tableOf("customer_table", ["c_custkey", text("c_phone"), number("c_discount"), text("c_nation")]),
    tableOf("exported_bookings", ["booking_id", number("amount_cents"), text("exported_by")], {
      kind: "view",
      viewReads: [{ schema: "main", name: "fct_bookings" }],
    }),
    tableOf("payments", ["payment_id", text("payer"), number("surcharge"), text("method")]),
    tableOf("payment_history", ["payment_id", text("payer"), number("surcharge"), text("method"), text("changed_on")]),
  ]),
  emptyGlossary,
);

const best = (term: string, question?: string) => {
  const { status, matches } = mapTerm(index, { term, ...(question === undefined ? {} : { question }) });
  return { status, ref: matches[0]?.ref };
};

describe("what a name says beside what it means", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["listings", "dim_listings"],
    ["users", "dim_users"],
    ["discount", "customer_table.c_discount"],
    ["booking amount", "fct_bookings.amount_cents"],
    ["refund amount", "fct_bookings.refund_amount_usd"],
    // Written out, the mark is part of the name.
    ["fct bookings", "fct_bookings"],
    ["customer table", "customer_table"],
  ];
  it.each(cases)("%s is %s", (term, ref) => {
    expect(best(term)).toEqual({ status: "matched", ref });
  });

  it("weighs a unit at the end, and the prefix of a table's columns, as nothing that need be said", () => {
    const weightsOf = (ref: string) => [...(index.columns.find((c) => c.ref === ref)?.doc.weights ?? [])];
    expect(weightsOf("fct_bookings.amount_cents")[1]).toBeLessThanOrEqual(0.1);
    expect(weightsOf("customer_table.c_phone")[0]).toBeLessThanOrEqual(0.1);
    expect(weightsOf("fct_bookings.amount_cents")[0]).toBeGreaterThan(0.1);
  });
});

describe("what happened, with the moment it did (`paid_on`)", () => {
  const happened = buildTermIndex(
    viewOf([
      tableOf("payments", ["payment_id", moment("paid_on"), moment("cancelled_at"), text("based_on"), text("look_at")]),
      tableOf("guests", ["guest_id", moment("dob"), moment("logged_in_at"), moment("expires_on")]),
    ]),
    emptyGlossary,
  );
  const met = (name: string) => {
    const doc = happened.columns.find((c) => c.name === name)?.doc;
    return happened.concepts[doc?.concepts.at(-1) ?? -1]?.forms.map((f) => f.lemma);
  };

  it.each([
    ["paid_on", ["on", "date", "day"]],
    ["cancelled_at", ["at", "time", "date"]],
    ["logged_in_at", ["at", "time", "date"]],
    ["expires_on", ["on", "date", "day"]],
    ["based_on", ["on"]],
    ["look_at", ["at"]],
  ])("%s ends in %j", (name, forms) => {
    expect(met(name)).toEqual(forms);
  });

  it("is found by its date", () => {
    expect(mapTerm(happened, { term: "cancellation date" }).matches[0]?.ref).toBe("payments.cancelled_at");
    expect(mapTerm(happened, { term: "payment date", kinds: ["column"] }).matches[0]?.ref).toBe("payments.paid_on");
  });
});

describe("a unit at the end of a name", () => {
  const measured = buildTermIndex(
    viewOf([
      tableOf("operations", ["operation_id", number("setup_hrs"), number("range_km"), moment("birth_year")]),
      tableOf("meters", ["meter_id", number("kwh")]),
    ]),
    emptyGlossary,
  );
  const lastOf = (name: string) => {
    const doc = measured.columns.find((c) => c.name === name)?.doc;
    return measured.concepts[doc?.concepts.at(-1) ?? -1]?.forms.map((f) => f.lemma);
  };

  it("says what is measured", () => {
    expect(lastOf("setup_hrs")).toEqual(["hrs", "hour", "duration", "time", "length"]);
    expect(lastOf("range_km")).toEqual(["km", "kilometer", "distance", "length"]);
    const { status, matches } = mapTerm(measured, { term: "setup time" });
    expect([status, matches[0]?.ref]).toEqual(["matched", "operations.setup_hrs"]);
  });

  it("says nothing of a date, nor by itself", () => {
    expect(lastOf("birth_year")).not.toContain("duration");
    expect(lastOf("kwh")).not.toContain("energy");
  });
});

describe("one thing by other words", () => {
  const other = buildTermIndex(
    viewOf([
      tableOf("vendors", ["vendor_id", text("surname"), text("mobile"), text("updated_by"), text("region")]),
      tableOf("suppliers_archive", ["id", text("note")]),
    ]),
    emptyGlossary,
  );
  it.each([
    ["supplier surname", "vendors.surname"],
    ["last name", "vendors.surname"],
    ["cell phone", "vendors.mobile"],
    ["modified by", "vendors.updated_by"],
  ])("%s is %s, as good as said", (term, ref) => {
    const [first] = mapTerm(other, { term, kinds: ["column"] }).matches;
    expect(first?.ref).toBe(ref);
    expect(first?.confidence).toBeGreaterThan(0.75);
  });

  it("stands behind the word itself", () => {
    expect(mapTerm(other, { term: "supplier archive", kinds: ["table"] }).matches[0]?.ref).toBe("suppliers_archive");
  });
});

describe("a name that stands there word for word", () => {
  const spelled = buildTermIndex(
    viewOf([
      tableOf("sessions", ["id", text("claims"), text("claimed_at")]),
      tableOf("runs", ["id", text("queue_name"), text("queue_names"), text("executor_secrets")]),
      tableOf("executor_secrets", ["id", text("value")]),
      tableOf("quote_versions", ["id", text("note")]),
      tableOf("orders", ["id", "quote_version_id", text("note")]),
    ]),
    emptyGlossary,
  );
  const bestOf = (term: string) => {
    const { status, matches } = mapTerm(spelled, { term });
    return [status, matches[0]?.ref, matches[0]?.why[0]?.signal];
  };

  it("is the one column that is called so, alone or after its table", () => {
    expect(bestOf("claimed at")).toEqual(["matched", "sessions.claimed_at", "spelled_name"]);
    expect(bestOf("queue names")).toEqual(["matched", "runs.queue_names", "spelled_name"]);
    expect(bestOf("quote versions id")).toEqual(["matched", "quote_versions.id", "spelled_name"]);
    expect(bestOf("orders note")).toEqual(["matched", "orders.note", "spelled_name"]);
  });

  it("decides nothing where a table is called so as well, nor of one word", () => {
    expect(bestOf("executor secrets")[2]).not.toBe("spelled_name");
    expect(bestOf("note")[2]).not.toBe("spelled_name");
  });

  it("gives way to what people confirmed", () => {
    const said = [{ term: "claimed at", ref: "sessions.claims", verdict: "correct", weight: 0.5 } as const];
    expect(mapTerm(spelled, { term: "claimed at" }, said).matches[0]?.ref).toBe("sessions.claims");
  });
});

describe("a column that repeats one of another table", () => {
  it("stands back for it", () => {
    expect(best("booking amount")).toEqual({ status: "matched", ref: "fct_bookings.amount_cents" });
    expect(best("surcharge")).toEqual({ status: "matched", ref: "payments.surcharge" });
  });

  it("is found where its table is named, and a column of that table alone always", () => {
    expect(best("surcharge in the payment history").ref).toBe("payment_history.surcharge");
    expect(best("changed on")).toEqual({ status: "matched", ref: "payment_history.changed_on" });
    expect(best("exported booking amount").ref).toBe("exported_bookings.amount_cents");
    expect(best("exported by")).toEqual({ status: "matched", ref: "exported_bookings.exported_by" });
  });
});

describe("words that only begin alike", () => {
  const index = buildTermIndex(
    viewOf([tableOf("claims", ["claim_id", text("county"), text("policy"), text("statue"), text("manufacturer")])]),
    emptyGlossary,
  );

  it.each(["country", "police", "status"])("no column is taken for %s", (term) => {
    expect(mapTerm(index, { term }).status).not.toBe("matched");
  });

  it.each([
    ["counties", "claims.county"],
    ["policies", "claims.policy"],
    ["manufacturing", "claims.manufacturer"],
  ])("%s is %s", (term, ref) => {
    expect(mapTerm(index, { term }).matches[0]?.ref).toBe(ref);
  });
});

describe("a warehouse's own words", () => {
  const integer = (name: string) => ({ name, type: "INTEGER", nullable: true });
  const star = buildTermIndex(
    viewOf([
      tableOf("dim_date", [integer("date_key"), moment("full_date"), integer("calendar_year"), text("day_name")]),
      tableOf("fact_sales", ["sale_id", integer("order_date_key"), integer("ship_date_key"), integer("customer_key"), number("net_amount"), number("cost_amount")]),
      tableOf("fact_traffic", [integer("date_key"), integer("visitor_count")]),
    ]),
    emptyGlossary,
  ); // biome-ignore format: a table

  it.each([
    ["order date", "fact_sales.order_date_key"],
    ["ship date", "fact_sales.ship_date_key"],
    ["COGS", "fact_sales.cost_amount"],
    ["footfall", "fact_traffic.visitor_count"],
  ])("%s is %s", (term, ref) => {
    const { status, matches } = mapTerm(star, { term });
    expect({ status, ref: matches[0]?.ref }).toEqual({ status: "matched", ref });
  });

  it("takes a key to a day for a time, and no other key", () => {
    const classOf = (name: string) => star.columns.find((c) => c.name === name)?.typeClass;
    expect(["order_date_key", "customer_key", "date_key"].map(classOf)).toEqual(["time", "number", "number"]);
  });
});
