/**
 * Changes, measured: precision and recall of kind and object on before/after pairs and on random DDL with ground truth; how soon a change
 * is told; what a look, the triggers and a large diff cost; and a soak with cut connections and killed servers. `SEXTANT_DATA` is where
 * the pairs lie, `SEXTANT_POSTGRES` a server on which scratch databases may be made, `BENCH_PARTS` which parts to run (all without),
 * `BENCH_STEPS` how many steps the random DDL and the soak take in each dialect.
 */

import { fileURLToPath } from "node:url";
import { clientLatency } from "./changes-clients.js";
import { postgresLatency, postgresPoll, sqliteLatency, sqlitePoll } from "./changes-latency.js";
import { triggerOverhead } from "./changes-overhead.js";
import { openScratch, postgresPairs, type Scratch, sqlitePairs, versionPairs } from "./changes-pairs.js";
import { randomPostgres, randomSqlite } from "./changes-random.js";
import { recordings } from "./changes-size.js";
import { soakPostgres, soakSqlite } from "./changes-soak.js";
import type { Tally } from "./changes-truth.js";

const data = process.env.SEXTANT_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
const wantedSteps = process.env.BENCH_STEPS === undefined ? undefined : Number(process.env.BENCH_STEPS);
const randomSteps = wantedSteps ?? 2_000;
const soakSteps = wantedSteps ?? 300;
const seed = 42;
const sizes = [100, 1_000, 10_000];

const parts: Readonly<Record<string, (scratch: Scratch) => Promise<void>>> = {
  pairs: async (scratch) => {
    report("pairs, SQLite", await sqlitePairs(data));
    report("pairs, PostgreSQL", await postgresPairs(data, scratch));
  },
  random: async (scratch) => {
    report(`random DDL, SQLite, ${randomSteps} steps`, await randomSqlite(randomSteps, seed));
    report(`random DDL, PostgreSQL, ${randomSteps} steps`, await randomPostgres(scratch, randomSteps, seed));
  },
  versions: async (scratch) => {
    report("versions of sourcegraph", await versionPairs(data, "sourcegraph", scratch));
    report("versions of lago", await versionPairs(data, "lago", scratch));
  },
  looks: async (scratch) => {
    for (const size of sizes) {
      print(`look, SQLite, ${size} tables, ms`, await sqlitePoll(size));
      print(`look, PostgreSQL, ${size} tables, ms`, await postgresPoll(scratch, size));
    }
  },
  size: async () => {
    for (const [what, found] of Object.entries(await recordings(sizes.at(-1) ?? 0)))
      print(`recording in ${sizes.at(-1)} tables: ${what}`, found);
  },
  latency: async (scratch) => {
    print("change to notification, SQLite polled each second, ms", await sqliteLatency(100, 20));
    print("change to notification, PostgreSQL polled each second, ms", await postgresLatency(scratch, 100, 20, false));
    print("change to notification, PostgreSQL with triggers, ms", await postgresLatency(scratch, 100, 100, true));
    for (const [client, found] of Object.entries(await clientLatency(scratch, 60)))
      print(`change to a client's notification, ${client}, ms`, found);
  },
  triggers: async () => print("DDL with and without triggers, ms", await triggerOverhead(100)),
  soak: async (scratch) => {
    print(`soak, SQLite, ${soakSteps} steps`, await soakSqlite(soakSteps, seed));
    print(`soak, PostgreSQL, ${soakSteps} steps`, await soakPostgres(scratch, soakSteps, seed));
  },
};

export async function run(): Promise<void> {
  const wanted = process.env.BENCH_PARTS?.split(",") ?? Object.keys(parts);
  for (const name of wanted) {
    const part = parts[name];
    if (part === undefined) throw new Error(`no part ${name}; there are ${Object.keys(parts).join(", ")}`);
    const scratch = await openScratch("changes_bench");
    try {
      await part(scratch);
    } finally {
      await scratch.drop();
    }
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
