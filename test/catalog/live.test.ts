/** One live schema a source: first look, changes, failures, restarts, pins and held losses, on real SQLite files. */

import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Catalog, createCatalog } from "../../src/catalog/catalog.js";
import type { LiveSchema } from "../../src/catalog/live.js";
import { type DiscoverySettings, defaultDiscovery } from "../../src/catalog/settings.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import type { Result } from "../../src/issue.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { silent } from "../../src/telemetry.js";

let folder: string;
let file: string;
let connector: Connector;
let state: State;
let time = 0;
const open: Catalog[] = [];

const settings: DiscoverySettings = { ...defaultDiscovery, maxAgeMs: 0, retryMinMs: 0 };

function write(sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

function catalogOf(changed: Partial<DiscoverySettings> = {}): Catalog {
  const source = { name: "s", connector, locator: "here", settings: { ...settings, ...changed } };
  const catalog = createCatalog({ sources: [source], state, emit: silent, now: () => time });
  open.push(catalog);
  return catalog;
}

function value(result: Result<LiveSchema>): LiveSchema {
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

const tablesOf = (live: LiveSchema) => live.snapshot.tables.map((t) => t.name).toSorted();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sextant-catalog-"));
  file = join(folder, "books.db");
  time = Date.parse("2026-01-01T00:00:00Z");
  write(`
    CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, password TEXT);
    CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, state TEXT, total NUMERIC);
    INSERT INTO customers VALUES (1, 'Ada', 'x'), (2, 'Grace', 'y'), (3, 'Edsger', 'z');
    WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 50)
      INSERT INTO orders SELECT value, value % 3 + 1, CASE value % 2 WHEN 0 THEN 'paid' ELSE 'open' END, value * 10 FROM n;
  `);
  connector = openConnector({ url: `sqlite:${file}` });
  state = await openState("memory");
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((catalog) => catalog.close()));
  await connector.close();
  await state.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("looking", () => {
  test("the first call discovers, sees values, and infers the key nobody declared", async () => {
    const live = value(await catalogOf().live("s"));
    expect(live).toMatchObject({ origin: "live", stale: false, source: "s" });
    expect(live.statistics.tables["main.orders"]?.columns.state?.values?.map((v) => v.value).toSorted()).toEqual([
      "open",
      "paid",
    ]);
    expect(live.relationships).toMatchObject([
      { from: { columns: ["customer_id"] }, to: { columns: ["customer_id"] }, origin: "inferred", cardinality: "n:1" },
    ]);
    expect(live.relationships[0]?.evidence?.length).toBeGreaterThan(0);
  });

  test("callers that never pause do not keep the study of rows from its end", async () => {
    const catalog = catalogOf({ profileWaitMs: 0 });
    const values = async () => {
      time += 5; // each call looks again
      await new Promise((resolve) => setImmediate(resolve));
      return value(await catalog.live("s")).statistics.tables["main.orders"]?.columns.state?.values;
    };
    const until = performance.now() + 10_000;
    let seen = await values();
    while (seen === undefined && performance.now() < until) seen = await values();
    expect(seen).toHaveLength(2);
  });

  test("values of a classified column are never read", async () => {
    const live = value(await catalogOf().live("s"));
    expect(live.statistics.tables["main.customers"]?.columns.password?.values).toBeUndefined();
    expect(live.statistics.tables["main.customers"]?.columns.name?.values).toHaveLength(3);
  });

  test("an ALTER shows on the next call, and a call without one costs no new value", async () => {
    const catalog = catalogOf();
    const before = value(await catalog.live("s"));
    expect(value(await catalog.live("s")).snapshot).toBe(before.snapshot);
    write("ALTER TABLE orders ADD COLUMN note TEXT");
    const after = value(await catalog.live("s"));
    expect(after.version).not.toBe(before.version);
    expect(after.snapshot.tables.find((t) => t.name === "orders")?.columns.at(-1)?.name).toBe("note");
  });

  test("many callers share one discovery", async () => {
    let inspections = 0;
    const counted: Connector = {
      ...connector,
      inspect: (options) => {
        inspections += 1;
        return connector.inspect(options);
      },
    };
    const source = { name: "s", connector: counted, settings };
    const catalog = createCatalog({ sources: [source], state, emit: silent, now: () => time });
    open.push(catalog);
    await Promise.all(Array.from({ length: 20 }, () => catalog.live("s")));
    expect(inspections).toBe(1);
  });

  test("listeners hear of every swap, before and after", async () => {
    const catalog = catalogOf({
      profile: { ...settings.profile, enabled: false },
      inference: { ...settings.inference, enabled: false },
    });
    const heard: (readonly [string | undefined, string])[] = [];
    catalog.onSwap((before, after) => heard.push([before?.version, after.version]));
    const first = value(await catalog.live("s"));
    write("DROP TABLE orders");
    const second = value(await catalog.live("s"));
    expect(heard[0]).toEqual([undefined, first.version]);
    expect(heard).toContainEqual([first.version, second.version]);
  });

  test("an unknown source and a cancelled call are issues", async () => {
    const catalog = catalogOf();
    expect(await catalog.live("nope")).toMatchObject({
      ok: false,
      issues: [{ code: "unknown_source", candidates: ["s"] }],
    });
    const stopped = AbortSignal.abort();
    expect(await catalog.live("s", { signal: stopped })).toMatchObject({ ok: false, issues: [{ code: "cancelled" }] });
  });
});

describe("when the database is gone", () => {
  test("nothing known: the issue; known: the last schema, stale, and live again once it is back", async () => {
    const catalog = catalogOf();
    const before = value(await catalog.live("s"));
    renameSync(file, `${file}.away`);
    const during = value(await catalog.live("s"));
    expect(during).toMatchObject({ origin: "cache", stale: true, version: before.version });
    expect(during.issues.map((i) => i.severity)).toContain("warning");
    expect(catalog.failure("s")?.code).toBe("file_missing");
    renameSync(`${file}.away`, file);
    time += 60_000;
    expect(value(await catalog.live("s"))).toMatchObject({ origin: "live", stale: false, version: before.version });
    expect(catalog.failure("s")).toBeUndefined();
  });

  test("a missing file is named when nothing is known", async () => {
    renameSync(file, `${file}.away`);
    expect(await catalogOf().live("s")).toMatchObject({ ok: false, issues: [{ code: "file_missing" }] });
  });

  test("after a restart the kept schema is served without the database", async () => {
    const before = value(await catalogOf().live("s"));
    renameSync(file, `${file}.away`);
    const after = value(await catalogOf().live("s"));
    expect(after).toMatchObject({ origin: "cache", stale: true, version: before.version });
  });

  test("after a restart with the database it is confirmed, not read again", async () => {
    const before = value(await catalogOf().live("s"));
    const after = value(await catalogOf().live("s"));
    expect(after).toMatchObject({ origin: "live", stale: false, version: before.version });
  });

  test("a kept schema of another place is not served", async () => {
    await catalogOf().live("s");
    renameSync(file, `${file}.away`);
    const source = { name: "s", connector, locator: "elsewhere", settings };
    const catalog = createCatalog({ sources: [source], state, emit: silent, now: () => time });
    open.push(catalog);
    expect(await catalog.live("s")).toMatchObject({ ok: false });
  });
});

describe("pins", () => {
  test("a frozen schema stays through changes and restarts until it is released", async () => {
    const catalog = catalogOf();
    const before = value(await catalog.live("s"));
    expect(value(await catalog.freeze("s"))).toMatchObject({ origin: "static", version: before.version });
    write("ALTER TABLE orders ADD COLUMN note TEXT");
    expect(value(await catalog.live("s"))).toMatchObject({ origin: "static", version: before.version });
    const restarted = catalogOf();
    expect(value(await restarted.live("s"))).toMatchObject({ origin: "static", version: before.version });
    expect(value(await restarted.thaw("s")).version).not.toBe(before.version);
  });

  test("an unknown version cannot be pinned", async () => {
    expect(await catalogOf().freeze("s", "sha256:0")).toMatchObject({
      ok: false,
      issues: [{ code: "unknown_version" }],
    });
  });
});

describe("a mass disappearance", () => {
  const guard = { maxLostShare: 0.5, minLost: 2, confirmAfterMs: 60_000 };

  test("is held back and reported, then believed when it lasts", async () => {
    const catalog = catalogOf({ guard });
    const before = value(await catalog.live("s"));
    write("DROP TABLE orders; DROP TABLE customers");
    const held = value(await catalog.live("s"));
    expect(held).toMatchObject({ version: before.version, stale: true });
    expect(held.issues.map((i) => i.code)).toContain("mass_disappearance");
    time += 61_000;
    expect(tablesOf(value(await catalog.live("s")))).toEqual([]);
  });

  test("is believed at once on the word of a second refresh", async () => {
    const catalog = catalogOf({ guard });
    await catalog.live("s");
    write("DROP TABLE orders; DROP TABLE customers");
    expect(value(await catalog.live("s", { refresh: true })).stale).toBe(true);
    expect(tablesOf(value(await catalog.live("s", { refresh: true })))).toEqual([]);
  });

  test("a small drop goes through", async () => {
    const catalog = catalogOf();
    await catalog.live("s");
    write("DROP TABLE orders");
    expect(tablesOf(value(await catalog.live("s")))).toEqual(["customers"]);
  });
});

describe("a refresh", () => {
  test("that is asked for while a look is in the air sees what changed after that began", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let looks = 0;
    const slow: Connector = {
      ...connector,
      stamp: async () => {
        const stamp = await connector.stamp();
        looks += 1;
        await held;
        return stamp;
      },
    };
    const source = { name: "s", connector: slow, locator: "here", settings };
    const catalog = createCatalog({ sources: [source], state, emit: silent, now: () => time });
    open.push(catalog);
    await catalog.live("s");
    const early = catalog.live("s", { refresh: true });
    await expect.poll(() => looks).toBe(1);
    write("CREATE TABLE later (id int)");
    const late = catalog.live("s", { refresh: true });
    release();
    expect(tablesOf(value(await late))).toContain("later");
    await early;
  });
});

describe("what people decided about links", () => {
  test("a refused guess is gone, a confirmed link is sure", async () => {
    const catalog = catalogOf();
    await catalog.live("s");
    const side = (table: string) => ({ schema: "main", table, columns: ["customer_id"] });
    const decide = (verdict: string) =>
      state.append([
        {
          kind: "relation",
          scope: "s",
          key: "k",
          at: "2026-01-01T00:00:00Z",
          body: { from: side("orders"), to: side("customers"), verdict },
        },
      ]);
    await decide("refused");
    await catalog.reloadDecisions("s");
    expect(value(await catalog.live("s")).relationships).toEqual([]);
    await decide("confirmed");
    await catalog.reloadDecisions("s");
    expect(value(await catalog.live("s")).relationships).toMatchObject([{ origin: "confirmed", confidence: 1 }]);
  });
});
