/** History: every step once, whatever writes it and whenever it is killed; any version can be shown again. */

import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import { createHistory, defaultHistory } from "../../src/catalog/history.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { fingerprint } from "../../src/schema/normal-form.js";
import { openState } from "../../src/state/open.js";
import { look } from "./live.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-history-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function shop(): { db: Database.Database; connector: Connector; path: string } {
  const path = join(folder, `shop-${made++}.db`);
  const db = new Database(path);
  db.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL); CREATE TABLE people (id INTEGER PRIMARY KEY)");
  return { db, connector: openConnector({ url: `sqlite:${path}` }), path };
}

describe("history", () => {
  it("keeps every step once and shows it by version, time and word", async () => {
    const { db, connector } = shop();
    const state = await openState("memory");
    const history = createHistory(state, { ...defaultHistory, snapshotEvery: 3 });
    const first = await look(connector);
    expect(await history.record(first)).toBeUndefined();
    expect(await history.record(first)).toBeUndefined();
    const seen = [first];
    for (const sql of [
      "ALTER TABLE orders RENAME COLUMN total TO amount",
      "ALTER TABLE people ADD COLUMN name TEXT",
      "CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id))",
      "ALTER TABLE people RENAME TO customers",
      "DROP TABLE lines",
      "CREATE VIEW v AS SELECT amount FROM orders",
      "CREATE INDEX i ON customers (name)",
    ]) {
      db.exec(sql);
      const live = await look(connector);
      expect((await history.record(live))?.changes).toHaveLength(1);
      expect(await history.record(live)).toBeUndefined();
      seen.push(live);
    }
    const all = await history.changesSince("shop", undefined);
    expect(all.ok && all.value.entries.map((e) => `${e.change.kind} ${e.change.object}`)).toEqual([
      "column_renamed orders.amount",
      "column_added people.name",
      "table_added lines",
      "table_renamed customers",
      "table_removed lines",
      "view_added v",
      "index_added customers.i",
    ]);
    expect(all.ok && [all.value.fromVersion, all.value.toVersion]).toEqual([first.version, seen.at(-1)?.version]);
    const previous = await history.changesSince("shop", "previous");
    expect(previous.ok && previous.value.entries.map((e) => e.change.kind)).toEqual(["index_added"]);
    const since = await history.changesSince("shop", seen[3]?.version);
    expect(since.ok && since.value.entries.map((e) => e.change.kind)).toEqual([
      "table_renamed",
      "table_removed",
      "view_added",
      "index_added",
    ]);
    const time = await history.changesSince("shop", seen[6]?.asOf);
    expect(time.ok && time.value.entries.map((e) => e.change.kind)).toEqual(["view_added", "index_added"]);
    const unknown = await history.changesSince("shop", "sha256:0000000000");
    expect(unknown.ok ? [] : unknown.issues.map((i) => i.code)).toEqual(["unknown_version"]);
    // A second history over the same state rebuilds every version from what is kept.
    const again = createHistory(state);
    for (const live of seen) {
      const version = await again.version("shop", live.version);
      expect(version.ok && fingerprint(version.value.snapshot)).toBe(live.version);
      expect(version.ok && version.value.identity?.tables).toEqual(live.identity.tables);
    }
    const between = await again.between("shop", seen[2]?.version ?? "", seen[4]?.version ?? "");
    expect(between.ok && between.value.map((c) => c.kind)).toContain("table_added");
    expect((await again.exportLines("shop")).split("\n")).toHaveLength(7);
    await connector.close();
  });

  it("drops what retention says and still rebuilds what it keeps", async () => {
    const { db, connector } = shop();
    const state = await openState("memory");
    const history = createHistory(state, { keepSteps: 5, keepForMs: 0, snapshotEvery: 2 });
    const seen = [];
    for (let i = 0; i < 12; i++) {
      db.exec(`CREATE TABLE t${i} (id INTEGER)`);
      const live = await look(connector);
      await history.record(live);
      seen.push(live);
    }
    expect(await history.retain("shop", 0)).toBeGreaterThan(0);
    for (const h of [history, createHistory(state)]) {
      const kept = await h.changesSince("shop", undefined);
      expect(kept.ok && kept.value.entries.length).toBeGreaterThanOrEqual(4);
      expect(kept.ok && kept.value.entries.length).toBeLessThanOrEqual(8);
      const last = await h.version("shop", seen[9]?.version ?? "");
      expect(last.ok && fingerprint(last.value.snapshot)).toBe(seen[9]?.version);
      const gone = await h.version("shop", seen[0]?.version ?? "");
      expect(gone.ok).toBe(false);
    }
    await connector.close();
  });

  it("counts a change once when several processes see it", async () => {
    const { db, connector } = shop();
    const state = await openState(`sqlite:${join(folder, "shared.db")}`);
    const replicas = [createHistory(state), createHistory(state), createHistory(state)];
    const told: string[] = [];
    for (let i = 0; i < 30; i++) {
      if (i > 0) db.exec(`CREATE TABLE t${i} (id INTEGER)`);
      const live = await look(connector);
      const steps = await Promise.all(replicas.map((h) => h.record(live)));
      told.push(...steps.flatMap((s) => s?.changes.map((c) => c.object) ?? []));
    }
    expect(told).toEqual(Array.from({ length: 29 }, (_, i) => `t${i + 1}`));
    for (const h of [...replicas, createHistory(state)]) {
      const all = await h.changesSince("shop", undefined);
      expect(all.ok && all.value.entries.map((e) => e.change.object)).toEqual(told);
    }
    await connector.close();
  });

  it("never records an older look over the step of another writer", async () => {
    const { db, connector } = shop();
    const state = await openState("memory");
    const [fast, slow] = [createHistory(state), createHistory(state)];
    const old = await look(connector);
    await fast.record(old);
    await slow.record(old);
    db.exec("CREATE TABLE newer (id INTEGER)");
    const now = await look(connector);
    expect((await fast.record(now))?.changes).toHaveLength(1);
    const looks = [now];
    expect(await slow.record(old, [], async () => looks.shift())).toBeUndefined();
    expect(looks).toEqual([]);
    expect((await slow.steps("shop")).flatMap((s) => s.changes.map((c) => c.kind))).toEqual(["table_added"]);
    await connector.close();
  });

  it("never records an older look that waited behind one which met another writer's step", async () => {
    const { db, connector } = shop();
    const state = await openState("memory");
    const [fast, slow] = [createHistory(state), createHistory(state)];
    const old = await look(connector);
    await fast.record(old);
    await slow.record(old);
    db.exec("CREATE TABLE newer (id INTEGER)");
    const now = await look(connector);
    await fast.record(now);
    await Promise.all([0, 1, 2].map(() => slow.record(old, [], async () => now)));
    expect((await slow.steps("shop")).flatMap((s) => s.changes.map((c) => c.kind))).toEqual(["table_added"]);
    await connector.close();
  });

  it("loses and doubles nothing when its process is killed again and again", async () => {
    const { db, connector, path } = shop();
    const statePath = join(folder, "killed.db");
    const total = 60;
    let added = 0;
    for (let round = 0; added < total && round < 40; round++) {
      const child = fork(new URL("./history-writer.ts", import.meta.url), [path, statePath], {
        execArgv: ["--import", "tsx"],
        stdio: "ignore",
      });
      await new Promise<void>((resolve, reject) => {
        child.once("message", () => resolve());
        child.once("error", reject);
      });
      for (let i = 0; i < 20 && added < total; i++) {
        db.exec(`CREATE TABLE k${added++} (id INTEGER)`);
        await new Promise((resolve) => setTimeout(resolve, 5 + ((round * 7 + i * 3) % 11)));
      }
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    }
    const state = await openState(`sqlite:${statePath}`);
    const history = createHistory(state);
    await history.record(await look(connector));
    const all = await history.changesSince("shop", undefined);
    const objects = all.ok ? all.value.entries.map((e) => e.change.object) : [];
    const first = all.ok ? await history.version("shop", all.value.fromVersion) : undefined;
    const begun =
      first?.ok === true ? first.value.snapshot.tables.map((t) => t.name).filter((n) => n.startsWith("k")) : [];
    expect([...begun, ...objects].toSorted()).toEqual(Array.from({ length: total }, (_, i) => `k${i}`).toSorted());
    await connector.close();
  }, 60_000);
});
