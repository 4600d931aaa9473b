/**
 * Changes, measured: precision and recall of kind and object on before/after pairs and on random DDL with ground truth; how soon a change
 * is told; what a look costs. `SEXTANT_DATA` is where the pairs lie, `SEXTANT_POSTGRES` a server on which a scratch database may be made.
 */

import { fileURLToPath } from "node:url";
import { postgresLatency, postgresPoll, sqliteLatency, sqlitePoll } from "./changes-latency.js";
import { openScratch, postgresPairs, sqlitePairs, versionPairs } from "./changes-pairs.js";
import { randomPostgres, randomSqlite } from "./changes-random.js";
import type { Tally } from "./changes-truth.js";

const data = process.env.SEXTANT_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
const steps = 2_000;
const seed = 42;
const sizes = [100, 1_000, 10_000];

export async function run(): Promise<void> {
  const scratch = await openScratch("changes_bench");
  try {
    report("pairs, SQLite", await sqlitePairs(data));
    report("random DDL, SQLite", await randomSqlite(steps, seed));
    report("pairs, PostgreSQL", await postgresPairs(data, scratch));
    report("random DDL, PostgreSQL", await randomPostgres(scratch, steps, seed));
    report("sourcegraph versions", await versionPairs(data, "sourcegraph", scratch));
    report("lago versions", await versionPairs(data, "lago", scratch));
    for (const size of sizes) {
      print(`look, SQLite, ${size} tables, ms`, await sqlitePoll(size));
      print(`look, PostgreSQL, ${size} tables, ms`, await postgresPoll(scratch, size));
    }
    print("commit to notification, SQLite polled each second, ms", await sqliteLatency(100, 20));
    print("commit to notification, PostgreSQL polled each second, ms", await postgresLatency(scratch, 100, 20, false));
    print("commit to notification, PostgreSQL with triggers, ms", await postgresLatency(scratch, 100, 100, true));
  } finally {
    await scratch.drop();
  }
}

function report(what: string, tally: Tally): void {
  const { hit, missed, wrong, precision, recall } = tally.figures;
  const share = (x: number) => x.toFixed(4);
  print(what, `precision ${share(precision)} recall ${share(recall)} (${hit} right, ${missed} missed, ${wrong} wrong)`);
  for (const pair of tally.skipped) print("  not loaded here", pair);
  for (const [kind, found] of tally.kinds) if (found.missed + found.wrong > 0) print(`  ${kind}`, found);
}

function print(what: string, value: unknown): void {
  process.stdout.write(`${what}: ${typeof value === "string" ? value : JSON.stringify(value)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
