/** What a phrase rules out is not what it means: a refusal, where vectors and half a name would have it matched. */

import { describe, expect, it } from "vitest";
import { ask } from "../../src/terms/asked.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { ruledOut, saysOpposite } from "../../src/terms/opposites.js";
import { emptyDoc } from "../../src/terms/read-names.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const typed = (name: string, type: string, comment?: string) => ({
  name,
  type,
  nullable: true,
  ...(comment === undefined ? {} : { comment }),
});
const index = buildTermIndex(
  viewOf([
    tableOf("flights", [
      "flight_id",
      typed("departure_time", "timestamp"),
      typed("first_class_seats", "integer"),
      typed("co2_emissions", "real"),
    ]),
    tableOf("accounts", [
      "account_id",
      typed("opening_balance", "numeric"),
      typed("total_income", "numeric"),
      typed("assets", "numeric"),
      typed("sell_price", "numeric"),
      typed("first_name", "text"),
      typed("lat", "real"),
      typed("address_1", "text"),
      typed("debit_or_credit", "text"),
      typed("start_dt", "date", "begin or end of the contract"),
    ]),
    tableOf("students", ["student_id", typed("grade", "text"), "teacher_id"]),
    tableOf("tickets", [
      "ticket_id",
      typed("seat_no", "text"),
      typed("seats_no", "integer"),
      typed("called_number", "text"),
      typed("claim_num", "integer"),
    ]),
    tableOf("invoices", [
      "invoice_id",
      typed("tax_amt", "numeric"),
      typed("total_incl_tax", "numeric"),
      typed("subtotal", "numeric"),
      typed("tax_reg_no", "text"),
      "approved_by",
      typed("approved_at", "timestamp"),
    ]),
  ]),
  emptyGlossary,
);

function isRuledOut(phrase: string, ref: string): boolean {
  const asked = ask(index, phrase, new Map());
  const rules = ruledOut(asked);
  const column = index.columns.find((c) => c.ref === ref);
  const table = index.tables[column?.table ?? -1];
  const names = [column?.doc ?? emptyDoc, table?.doc ?? emptyDoc];
  return rules !== undefined && saysOpposite(index, asked, rules, names, [column?.comment ?? emptyDoc]);
}

describe("a phrase rules out", () => {
  it.each([
    ["arrival time", "flights.departure_time", true],
    ["departure time", "flights.departure_time", false],
    ["time", "flights.departure_time", false],
    ["closing balance", "accounts.opening_balance", true],
    ["the balance between opening and closing", "accounts.opening_balance", false],
    ["total expenses", "accounts.total_income", true],
    ["liabilities", "accounts.assets", true],
    ["buy price", "accounts.sell_price", true],
    ["surname", "accounts.first_name", true],
    ["family name", "accounts.first_name", true],
    ["longitude", "accounts.lat", true],
    ["address 2", "accounts.address_1", true],
    ["address line 2", "accounts.address_1", true],
    ["address 1", "accounts.address_1", false],
    ["address", "accounts.address_1", false],
    // Of another year, and what is counted there is no emission.
    ["emissions of 1999", "flights.co2_emissions", false],
    ["credits", "accounts.debit_or_credit", false],
    // The comment says what the name does not.
    ["end date", "accounts.start_dt", false],
    ["teacher grade", "students.grade", true],
    ["teacher", "students.teacher_id", false],
    ["80", "accounts.address_1", false],
    // How many there are is not which of them, and which of them is no amount.
    ["number of seats", "tickets.seat_no", true],
    ["number of seats", "tickets.seats_no", false],
    ["number of calls", "tickets.called_number", true],
    ["number of claims", "tickets.claim_num", false],
    ["number of the seat", "tickets.seat_no", false],
    ["seat number", "tickets.seat_no", false],
    ["VAT number", "invoices.tax_amt", true],
    ["VAT number", "invoices.tax_reg_no", false],
    // What is in an amount, or not, is not it.
    ["amount before tax", "invoices.tax_amt", true],
    ["total including tax", "invoices.tax_amt", true],
    ["total including tax", "invoices.total_incl_tax", false],
    ["amount before tax", "invoices.subtotal", false],
    ["tax", "invoices.tax_amt", false],
    ["subtotal (including tax / yen)", "invoices.subtotal", false],
    ["approved", "invoices.approved_by", true],
    ["approved", "invoices.approved_at", false],
    ["approved by", "invoices.approved_by", false],
    ["approver", "invoices.approved_by", false],
  ])("%s: %s is ruled out: %s", (phrase, ref, out) => {
    expect(isRuledOut(phrase, ref)).toBe(out);
  });

  it("no kind of an opposite by itself", () => {
    expect(ruledOut(ask(index, "the balance of each account", new Map()))).toBeUndefined();
  });
});

describe("no column is matched rather than the opposite", () => {
  it.each(["arrival time", "surname", "longitude", "liabilities", "total expenses", "buy price"])("%s", (term) => {
    const { matches } = mapTerm(index, { term });
    expect(matches.filter((m) => m.kind === "column" && m.confidence > 0.1)).toEqual([]);
    expect(mapTerm(index, { term, kinds: ["column"] }).status).toBe("no_match");
  });

  it("and says why what is near is not meant", () => {
    const { matches } = mapTerm(index, { term: "longitude", kinds: ["column"], limit: 20 });
    expect(matches.find((m) => m.ref === "accounts.lat")?.why).toEqual([{ signal: "opposite", score: 1 }]);
  });

  it.each([
    ["departure time", "flights.departure_time"],
    ["latitude", "accounts.lat"],
    ["opening balance", "accounts.opening_balance"],
    ["given name", "accounts.first_name"],
  ])("and still finds %s", (term, ref) => {
    expect(mapTerm(index, { term }).matches[0]?.ref).toBe(ref);
  });
});
