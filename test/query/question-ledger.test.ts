/** Plain questions over a ledger whose names are short forms in camel case, with several amounts an invoice, against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import { mapTerm } from "../../src/terms/map.js";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE Employee (EmpId INTEGER PRIMARY KEY, FirstName TEXT, LastName TEXT, HireDt TEXT, TermDt TEXT, MgrEmpId INTEGER REFERENCES Employee (EmpId), AnnualSalary NUMERIC);
  CREATE TABLE CostCentre (CcId INTEGER PRIMARY KEY, CcName TEXT);
  CREATE TABLE GlAccount (AcctNo TEXT PRIMARY KEY, AcctName TEXT);
  CREATE TABLE JournalHeader (JrnlId INTEGER PRIMARY KEY, PostDt TEXT, PostedByEmpId INTEGER REFERENCES Employee (EmpId), Status TEXT);
  CREATE TABLE JournalLine (JrnlId INTEGER REFERENCES JournalHeader (JrnlId), LineNo INTEGER, AcctNo TEXT REFERENCES GlAccount (AcctNo), DebitAmt NUMERIC, CreditAmt NUMERIC, PRIMARY KEY (JrnlId, LineNo));
  CREATE TABLE BudgetLine (BudgetYr INTEGER, BudgetMth INTEGER, CcId INTEGER REFERENCES CostCentre (CcId), AcctNo TEXT REFERENCES GlAccount (AcctNo), BudgetAmt NUMERIC, PRIMARY KEY (BudgetYr, BudgetMth, CcId, AcctNo));
  CREATE TABLE Client (ClientId INTEGER PRIMARY KEY, ClientName TEXT);
  CREATE TABLE ArInvoice (InvId INTEGER PRIMARY KEY, ClientId INTEGER REFERENCES Client (ClientId), InvDt TEXT NOT NULL, DueDt TEXT NOT NULL, NetAmt NUMERIC, VatAmt NUMERIC, GrossAmt NUMERIC, InvStatus TEXT);
  CREATE TABLE Vendor (VendId INTEGER PRIMARY KEY, VendName TEXT, OnHold INTEGER, ActiveFlg INTEGER);
  CREATE TABLE BankTxn (TxnId INTEGER PRIMARY KEY, ValueDt TEXT, TxnAmt NUMERIC, IsReconciled INTEGER);
  CREATE TABLE FixedAsset (AssetId INTEGER PRIMARY KEY, AssetDesc TEXT, AcqDt TEXT, AcqCost NUMERIC);
  CREATE TABLE ExpenseClaim (ClaimId INTEGER PRIMARY KEY, EmpId INTEGER REFERENCES Employee (EmpId), ClaimStatus TEXT, HasReceipt INTEGER);
  CREATE TABLE RoomType (TypeCd TEXT PRIMARY KEY, Descr TEXT, BaseRate NUMERIC);
  CREATE TABLE Room (RoomId INTEGER PRIMARY KEY, TypeCd TEXT REFERENCES RoomType (TypeCd), OutOfOrder INTEGER);
  INSERT INTO Employee VALUES (1, 'Ada', 'Ito', '2019-01-01', NULL, NULL, 90), (2, 'Ben', 'Kim', '2022-01-01', '2025-02-01', 1, 50), (3, 'Cy', 'Diaz', '2024-01-01', NULL, 1, 70);
  INSERT INTO CostCentre VALUES (1, 'Marketing'), (2, 'Engineering');
  INSERT INTO GlAccount VALUES ('4000', 'Revenue'), ('6100', 'Travel');
  INSERT INTO JournalHeader VALUES (1, '2025-01-05', 2, 'Posted'), (2, '2025-02-05', 2, 'Pending approval'), (3, '2024-02-05', 3, 'Posted');
  INSERT INTO JournalLine VALUES (1, 1, '4000', 0, 30), (1, 2, '6100', 30, 0), (3, 1, '6100', 5, 0);
  INSERT INTO BudgetLine VALUES (2025, 1, 1, '6100', 10), (2025, 2, 1, '6100', 20), (2025, 1, 2, '6100', 40), (2024, 1, 1, '4000', 80);
  INSERT INTO Client VALUES (1, 'Acme'), (2, 'Bolt');
  INSERT INTO ArInvoice VALUES (1, 1, '2025-01-01', '2025-02-01', 100, 20, 120, 'Written off'), (2, 2, '2025-03-01', '2025-04-01', 50, 10, 60, 'Paid'), (3, 1, '2024-03-01', '2024-04-01', 10, 2, 12, 'Paid');
  INSERT INTO Vendor VALUES (1, 'Ink', 1, 1), (2, 'Jet', 0, 0);
  INSERT INTO BankTxn VALUES (1, '2025-01-01', 500, 1), (2, '2025-01-02', -20, 0), (3, '2025-01-03', 90, 0);
  INSERT INTO FixedAsset VALUES (1, 'Van', '2019-05-01', 900), (2, 'Desk', '2023-05-01', 80);
  INSERT INTO ExpenseClaim VALUES (1, 1, 'Rejected', 1), (2, 1, 'Approved', 0), (3, 2, 'Rejected', 1);
  INSERT INTO RoomType VALUES ('STD', 'Standard', 120), ('STE', 'Suite', 320);
  INSERT INTO Room VALUES (1, 'STD', 0), (2, 'STE', 1);
`);
afterAll(() => db.close());

const { index, context, read, rows, rowsOf } = questionsOver(db);

const answered: Readonly<Record<string, readonly (readonly [question: string, expected: readonly unknown[]])[]>> = {
  "short forms are read as they are said": [
    ["Largest bank transaction", [[1, "2025-01-01", 500, 1]]],
    ["Total debit by account in 2025", [["4000", "Revenue", 0], ["6100", "Travel", 30]]],
    ["Total budget in 2025", [[70]]],
    ["Budget by month for Marketing in 2025", [[1, 10], [2, 20]]],
    ["Travel budget for Marketing in 2025", [[30]]],
    ["How many employees left in 2025?", [[1]]],
    ["How many assets were acquired before 2021?", [[1]]],
  ],
  "a key is called by its role": [
    ["Employees without a manager", [["Ada", "Ito"]]],
    ["Who posted the most journals?", [[2, "Ben", "Kim", 2]]],
  ],
  "several words are a stored value or say yes or no": [
    ["How many invoices were written off?", [[1]]],
    ["How many journals are pending approval?", [[1]]],
    ["Which vendors are on hold?", [["Ink"]]],
    ["Which vendors are inactive?", [["Jet"]]],
    ["How many claims without receipt?", [[1]]],
    ["Rooms out of order", [[2, "STE", 1]]],
    ["How many unreconciled transactions are there?", [[2]]],
  ],
  "an end of an order is said of what is paid or charged": [
    ["Highest paid employee", [["Ada", "Ito"]]],
    ["Which room type is the cheapest?", [["STD", "Standard", 120]]],
  ],
}; // biome-ignore format: a table

for (const [what, cases] of Object.entries(answered)) {
  test.each(cases)(`${what}: %s`, (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
}

describe("which of several is meant is asked, each with its intent:", () => {
  test.each([
    ["Average invoice amount per client", "Which amount of ArInvoice is meant", { "ArInvoice.NetAmt": [[1, "Acme", 55], [2, "Bolt", 50]], "ArInvoice.VatAmt": [[1, "Acme", 11], [2, "Bolt", 10]], "ArInvoice.GrossAmt": [[1, "Acme", 66], [2, "Bolt", 60]] }],
    ["How much did we invoice in 2025?", "Which amount of ArInvoice is meant", { "ArInvoice.NetAmt": [[150]], "ArInvoice.VatAmt": [[30]], "ArInvoice.GrossAmt": [[180]] }],
    ["What is the total amount of paid invoices?", "Which amount of ArInvoice is meant", { "ArInvoice.NetAmt": [[60]], "ArInvoice.VatAmt": [[12]], "ArInvoice.GrossAmt": [[72]] }],
  ])("%s", (question, text, expected) => {
    const built = read(question);
    expect(built).toMatchObject({ ok: true, value: { status: "needs_clarification", issues: [] } });
    const asked = built.ok ? built.value : undefined;
    expect(asked?.sql).toBeUndefined();
    expect(asked?.question?.text).toContain(text);
    const options = (asked?.question?.options ?? []).map(({ label, intent }) => [label, rowsOf(buildQuery(intent, context(question)))]);
    expect(Object.fromEntries(options)).toEqual(expected);
  }); // biome-ignore format: a table
});

test("an outstanding amount is no amount of all invoices", () => {
  const question = "What is the total outstanding amount of invoices?";
  const built = read(question);
  expect(built.ok ? built.value.status : "unread").not.toBe("ok");
});

describe("map_term", () => {
  test.each([
    ["rejected claims", "ExpenseClaim.ClaimStatus", "Rejected"],
    ["suites", "RoomType.Descr", "Suite"],
    ["unreconciled transactions", "BankTxn.IsReconciled", undefined],
    ["manager", "Employee.MgrEmpId", undefined],
  ])("%s", (term, ref, value) => {
    const { status, matches } = mapTerm(index, { term });
    expect(status).toBe("matched");
    expect(matches[0]).toMatchObject({ ref, ...(value === undefined ? {} : { value }) });
  });
});
