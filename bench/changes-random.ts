/** Random DDL steps against real databases: after each step the diff must say exactly what the generator did. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Seen } from "../src/changes/change.js";
import { diffSnapshots } from "../src/changes/diff.js";
import { openConnector } from "../src/databases/open.js";
import { type Dialect, Generator } from "../test/changes/ddl.js";
import { marksOf } from "../test/changes/soak.js";
import type { Scratch } from "./changes-pairs.js";
import { Tally } from "./changes-truth.js";

export async function randomPostgres(scratch: Scratch, steps: number, seed: number): Promise<Tally> {
  await scratch.clear();
  return randomSteps(
    "postgres",
    steps,
    seed,
    async (sql) => void (await scratch.client.query(`BEGIN; ${sql.join("; ")}; COMMIT`)),
    () => scratch.connector.inspect(),
  );
}

export async function randomSqlite(steps: number, seed: number): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-ddl-"));
  const path = join(folder, "random.db");
  const db = new Database(path);
  db.exec("CREATE TABLE t_first (id INTEGER PRIMARY KEY)");
  const connector = openConnector({ url: `sqlite:${path}` });
  try {
    return await randomSteps(
      "sqlite",
      steps,
      seed,
      async (sql) => void db.exec(`BEGIN; ${sql.join("; ")}; COMMIT`),
      () => connector.inspect(),
    );
  } finally {
    await connector.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function randomSteps(
  dialect: Dialect,
  steps: number,
  seed: number,
  run: (sql: readonly string[]) => Promise<void>,
  inspect: () => Promise<Seen>,
): Promise<Tally> {
  const generator = new Generator(dialect, seed);
  const tally = new Tally();
  let before = await inspect();
  for (let i = 0; i < steps; i++) {
    const step = generator.next();
    await run(step.sql);
    const after = await inspect();
    const said = new Set(marksOf(diffSnapshots(before, after)));
    if (!step.marks.includes("*")) tally.add(`${i} ${step.sql.join("; ")}`, new Set(step.marks), said);
    before = after;
  }
  return tally;
}
