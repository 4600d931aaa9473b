/** The tool as an agent meets it: what changed, what that breaks, how to mend it, paging and filters. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepQuery } from "../../src/catalog/queries.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { ok } from "../../src/issue.js";
import { openState } from "../../src/state/open.js";
import { schemaChangesTool } from "../../src/tools/schema_changes.js";
import type { Call, ToolDeps } from "../../src/tools/tool.js";
import { look } from "./live.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-tool-"));
const path = join(folder, "shop.db");
const db = new Database(path);
const call: Call = {
  signal: new AbortController().signal,
  progress: () => undefined,
  caller: { user: "u", role: "r" },
};
let connector: Connector;
let deps: ToolDeps;

async function ask(args: Record<string, unknown> = {}) {
  return schemaChangesTool.run(deps, schemaChangesTool.input.parse(args), call);
}

async function answer(args: Record<string, unknown> = {}) {
  const result = await ask(args);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  schemaChangesTool.output.parse(result.value.structured);
  return result.value;
}

beforeAll(async () => {
  db.exec(`CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), total REAL NOT NULL, status TEXT);
    CREATE VIEW big_orders AS SELECT id, total FROM orders WHERE total > 100;`);
  connector = openConnector({ url: `sqlite:${path}` });
  const state = await openState("memory");
  deps = {
    sources: ["shop"],
    defaultSource: "shop",
    live: async () => ok(await look(connector)),
    connector: () => connector,
    glossary: () => ({
      metrics: [
        { name: "revenue", synonyms: [], expression: "sum(orders.total)", filters: [], additivity: "additive" },
        {
          name: "average order",
          synonyms: [],
          expression: "{revenue} / {orders}",
          filters: [],
          additivity: "non_additive",
        },
      ],
      terms: [{ name: "client", synonyms: [], ref: "customers.name" }],
    }),
    learned: async () => [{ term: "mail address", ref: "customers.email", verdict: "correct", weight: 1 }],
    state,
    emit: () => undefined,
    now: () => 0,
  };
  await keepQuery(
    state,
    "shop",
    {
      fingerprint: "q1",
      title: "Revenue by client",
      sql: "SELECT c.name, sum(o.total) FROM orders AS o JOIN customers AS c ON c.id = o.customer_id GROUP BY c.name",
      reads: {
        tables: ["orders", "customers"],
        columns: ["customers.name", "orders.total", "orders.customer_id", "customers.id"],
      },
    },
    "2026-01-01T00:00:00Z",
  );
  await answer();
});

afterAll(async () => {
  await connector.close();
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("schema_changes", () => {
  it("names a rename exactly, says what it breaks and gives the mended query", async () => {
    db.exec("ALTER TABLE orders RENAME COLUMN total TO amount");
    const { structured, text } = await answer({ since: "previous" });
    const [view, change] = structured.changes;
    expect(change).toMatchObject({
      kind: "column_renamed",
      object: "orders.amount",
      renamed_from: "orders.total",
      severity: "breaking",
      gate: "exec",
    });
    expect(view).toMatchObject({
      kind: "column_renamed",
      object: "big_orders.amount",
      renamed_from: "big_orders.total",
    });
    expect(structured.changes).toHaveLength(2);
    const impact = (change?.impact ?? []).map((i) => [i.what, i.ref, i.mended]);
    expect(impact).toContainEqual([
      "query",
      "Revenue by client",
      "SELECT c.name, sum(o.amount) FROM orders AS o JOIN customers AS c ON c.id = o.customer_id GROUP BY c.name",
    ]);
    expect(impact).toContainEqual(["glossary", "revenue", "sum(orders.amount)"]);
    expect(impact.map((i) => i[1])).toContain("average order");
    expect(impact).toContainEqual(["view", "big_orders", undefined]);
    expect(change?.advice.some((a) => a.sql?.includes("GENERATED ALWAYS AS (amount)"))).toBe(true);
    expect(text).toContain("column_renamed ⟦orders.amount⟧ (was ⟦orders.total⟧)");
  });

  it("tells breaking, risky and safe apart and filters by severity and table", async () => {
    db.exec("ALTER TABLE customers DROP COLUMN email");
    await answer();
    db.exec("CREATE TABLE refunds (id INTEGER PRIMARY KEY)");
    await answer();
    db.exec("DROP VIEW big_orders");
    const all = (await answer()).structured;
    expect(all.changes.map((c) => `${c.severity} ${c.kind} ${c.object}`)).toEqual([
      "breaking column_renamed big_orders.amount",
      "breaking column_renamed orders.amount",
      "breaking column_removed customers.email",
      "safe table_added refunds",
      "breaking view_removed big_orders",
    ]);
    expect(all.changes[2]?.impact).toContainEqual({
      what: "mapping",
      ref: "mail address",
      effect: expect.stringContaining("gone"),
    });
    expect((await answer({ severity: "safe" })).structured.changes.map((c) => c.kind)).toEqual(["table_added"]);
    expect((await answer({ tables: ["customers"] })).structured.changes.map((c) => c.object)).toEqual([
      "customers.email",
    ]);
    expect((await answer({ tables: ["orders.total"] })).structured.changes.map((c) => c.object)).toEqual([
      "orders.amount",
    ]);
  });

  it("pages with an opaque cursor and refuses a foreign one", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await answer({ limit: 1, ...(cursor === undefined ? {} : { cursor }) })).structured;
      expect(page.matched).toBe(5);
      expect(page.returned).toBe(1);
      seen.push(...page.changes.map((c) => c.object));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(["big_orders.amount", "orders.amount", "customers.email", "refunds", "big_orders"]);
    const first = (await answer({ limit: 1 })).structured.next_cursor;
    const foreign = await ask({ limit: 1, severity: "safe", cursor: first });
    expect(foreign.ok ? [] : foreign.issues.map((i) => i.code)).toEqual(["bad_cursor"]);
    const broken = await ask({ cursor: "nonsense" });
    expect(broken.ok ? [] : broken.issues.map((i) => i.code)).toEqual(["bad_cursor"]);
  });

  it("keeps the token bound and reaches the rest by cursor", async () => {
    const page = (await answer({ max_tokens: 400 })).structured;
    expect(page.returned).toBeLessThan(page.matched);
    expect(page.next_cursor).toBeDefined();
  });

  it("says which versions are known where the one asked for is not", async () => {
    const result = await ask({ since: `sha256:${"0".repeat(64)}` });
    expect(result.ok ? [] : result.issues.map((i) => i.code)).toEqual(["unknown_version"]);
    const none = (await answer({ since: (await answer()).structured.to_version })).structured;
    expect([none.matched, none.from_version]).toEqual([0, none.to_version]);
  });
});
