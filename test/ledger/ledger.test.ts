/** The sample ledger: regenerating changes nothing, both dialects load and hold the same rows, the books balance, the glossary parses. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { tables } from "../../fixtures/ledger/tables.js";
import { columnsOf } from "../../fixtures/ledger/write.js";
import { glossaryFile } from "../../src/terms/glossary.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const folder = new URL("../../fixtures/ledger/", import.meta.url).pathname;
const sqlite = new Database(":memory:");
let postgres: ScratchDatabase;

beforeAll(async () => {
  sqlite.exec(readFileSync(join(folder, "sqlite.sql"), "utf8"));
  postgres = await createDatabase(readFileSync(join(folder, "postgres.sql"), "utf8"));
});

afterAll(async () => {
  sqlite.close();
  await postgres.drop();
});

async function both(sql: string): Promise<readonly [unknown, unknown]> {
  const [fromPostgres] = await postgres.query(sql);
  return [sqlite.prepare(sql).get(), fromPostgres];
}

test("making it again gives the same bytes", () => {
  const again = mkdtempSync(join(tmpdir(), "sextant-ledger-"));
  try {
    execFileSync(process.execPath, ["--import", "tsx", join(folder, "make.ts"), again]);
    for (const file of ["sqlite.sql", "postgres.sql"]) {
      expect(readFileSync(join(again, file)).equals(readFileSync(join(folder, file)))).toBe(true);
      expect(statSync(join(folder, file)).size).toBeLessThan(3_000_000);
    }
  } finally {
    rmSync(again, { recursive: true });
  }
});

test.each(tables.map((t) => [t.name, t] as const))("%s holds the same rows in both dialects", async (name, table) => {
  const columns = columnsOf(table);
  const fromSqlite = sqlite.prepare(`SELECT * FROM ${name}`).raw().safeIntegers().all() as (
    | string
    | number
    | bigint
    | null
  )[][];
  const selected = columns.map((c) =>
    c.type === "instant" ? `(${c.name} AT TIME ZONE 'UTC')::text` : `${c.name}::text`,
  );
  const fromPostgres = await postgres.query<{ row: (string | null)[] }>(
    `SELECT array[${selected.join(", ")}] AS "row" FROM ${name}`,
  );
  const left = fromSqlite.map((row) => JSON.stringify(row.map((v, at) => plain(v, columns[at]?.type)))).sort();
  const right = fromPostgres.map((r) => JSON.stringify(r.row.map((v, at) => plain(v, columns[at]?.type)))).sort();
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBe(right.length);
  expect(left.flatMap((row, at) => (row === right[at] ? [] : [[row, right[at]]])).slice(0, 3)).toEqual([]);
});

/** A value as text that both dialects agree on: 12.00 is 12, 1 is true. */
function plain(value: string | number | bigint | null, type: string | undefined): string | null {
  if (value === null) return null;
  if (type === "bool") return String(value === 1n || value === "true");
  return type === "money" || type === "rate" || type === "real" ? String(Number(value)) : String(value);
}

test("declared keys hold in SQLite too", () => {
  expect(sqlite.pragma("foreign_key_check")).toEqual([]);
});

test.each([
  [
    "an entry that does not balance",
    "SELECT je_id FROM journal_lines GROUP BY je_id HAVING abs(sum(debit_amt) - sum(credit_amt)) > 0.001",
  ],
  [
    "an entry without lines",
    "SELECT je_id FROM journal_entries e WHERE NOT EXISTS (SELECT 1 FROM journal_lines l WHERE l.je_id = e.je_id)",
  ],
  [
    "an invoice that is not the sum of its lines",
    "SELECT i.inv_id FROM invoices i JOIN invoice_lines l ON l.inv_id = i.inv_id GROUP BY i.inv_id, i.net_amt, i.tax_amt, i.total_amt HAVING abs(sum(l.amt) - i.net_amt) > 0.001 OR abs(i.net_amt + i.tax_amt - i.total_amt) > 0.001",
  ],
  [
    "an order whose shares are not 1",
    "SELECT ord_id FROM order_salespeople GROUP BY ord_id HAVING abs(sum(alloc_share) - 1) > 0.001",
  ],
  ["a void flag that the status denies", "SELECT inv_id FROM invoices WHERE (status = 'void') <> is_void"],
])("there is not %s", async (_what, sql) => {
  expect(sqlite.prepare(sql).all()).toEqual([]);
  expect(await postgres.query(sql)).toEqual([]);
});

test("the balance of receivables is the running sum of the journal", async () => {
  const sql = `SELECT abs((SELECT bal_amt FROM account_balances WHERE acct_no = '1200' AND bal_dt = '2025-12-31')
    - (SELECT sum(l.debit_amt - l.credit_amt) FROM journal_lines l JOIN journal_entries e ON e.je_id = l.je_id
       WHERE l.acct_no = '1200' AND NOT e.is_void)) < 0.01 AS same`;
  const [fromSqlite, fromPostgres] = await both(sql);
  expect(fromSqlite).toEqual({ same: 1 });
  expect(fromPostgres).toEqual({ same: true });
});

test.each([
  [
    "customers without orders",
    "SELECT count(*) AS n FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.cust_id = c.cust_id)",
  ],
  ["orders without a status", "SELECT count(*) AS n FROM orders WHERE status_cd IS NULL"],
  [
    "dangling payments",
    "SELECT count(*) AS n FROM payments p WHERE inv_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.inv_id = p.inv_id)",
  ],
  ["unapplied payments", "SELECT count(*) AS n FROM payments WHERE inv_id IS NULL"],
  [
    "state codes in no table",
    "SELECT count(*) AS n FROM addresses a WHERE state_cd IS NOT NULL AND NOT EXISTS (SELECT 1 FROM states s WHERE s.state_cd = a.state_cd)",
  ],
  ["managers that are not there", "SELECT count(*) AS n FROM customers c WHERE acct_mgr_emp_id > 900"],
  [
    "returns in another month than the order",
    "SELECT count(*) AS n FROM returns r JOIN orders o ON o.ord_id = r.ord_id WHERE r.ret_dt > o.ord_dt",
  ],
  [
    "account numbers that stand twice",
    "SELECT count(*) AS n FROM (SELECT cust_acct_no FROM crm_accounts GROUP BY cust_acct_no HAVING count(*) > 1) t",
  ],
  [
    "month ends without a balance",
    "SELECT count(*) AS n FROM regions WHERE NOT EXISTS (SELECT 1 FROM account_balances WHERE acct_no = '1200' AND bal_dt = '2025-03-31')",
  ],
  ["orders placed on the leap day", "SELECT count(*) AS n FROM orders WHERE ord_dt = '2024-02-29'"],
])("the mess has %s", async (_what, sql) => {
  const [fromSqlite, fromPostgres] = await both(sql);
  const counted = (fromSqlite as { n: number }).n;
  expect(counted).toBeGreaterThan(0);
  expect(Number((fromPostgres as { n: string }).n)).toBe(counted);
});

test("the glossary parses and names only columns that exist", () => {
  const glossary = glossaryFile.parse(parse(readFileSync(join(folder, "glossary.yaml"), "utf8")));
  expect(glossary.metrics.length).toBeGreaterThanOrEqual(12);
  const known = new Set(tables.flatMap((t) => [t.name, ...columnsOf(t).map((c) => `${t.name}.${c.name}`)]));
  const refs = [
    ...glossary.terms.map((t) => t.ref),
    ...glossary.metrics.flatMap((m) => [
      ...(m.time === undefined ? [] : [m.time]),
      ...(m.currency === undefined ? [] : [m.currency]),
      ...m.filters.map((f) => f.term),
      ...(m.expression.match(/\b[a-z_]+\.[a-z_]+\b/g) ?? []),
    ]),
  ];
  expect(refs.filter((r) => !known.has(r))).toEqual([]);
  const metrics = new Set(glossary.metrics.map((m) => m.name));
  const braced = glossary.metrics.flatMap((m) =>
    [...m.expression.matchAll(/\{([^}]+)\}/g)].map((found) => found[1] ?? ""),
  );
  expect(braced.filter((name) => !metrics.has(name))).toEqual([]);
});

test("names are one metric's or term's alone", () => {
  const glossary = glossaryFile.parse(parse(readFileSync(join(folder, "glossary.yaml"), "utf8")));
  const names = [...glossary.metrics, ...glossary.terms]
    .flatMap((m) => [m.name, ...m.synonyms])
    .map((n) => n.toLowerCase());
  expect(names.filter((n, at) => names.indexOf(n) !== at)).toEqual([]);
});
