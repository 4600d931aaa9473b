/** What the watch triggers cost whoever changes the schema: the same DDL with and without them, in turn, on two databases of one server. */

import { Client } from "pg";
import { installWatch } from "../src/databases/watch.js";
import { openScratch } from "./changes-pairs.js";

export interface Overhead {
  /** Medians over all statements, ms: with the triggers, without, and of the difference pair by pair. */
  readonly withTriggers: number;
  readonly without: number;
  readonly difference: number;
  readonly statements: number;
  readonly errors: number;
  /** Announcements that arrived at a listener. */
  readonly heard: number;
}

const statementsOf = (n: number): readonly string[] => [
  `CREATE TABLE t${n} (id int PRIMARY KEY, name text NOT NULL DEFAULT 'x', total numeric(10,2))`,
  `ALTER TABLE t${n} ADD COLUMN more int`,
  `ALTER TABLE t${n} RENAME COLUMN name TO label`,
  `CREATE INDEX ix${n} ON t${n} (label)`,
  `CREATE VIEW v${n} AS SELECT id FROM t${n}`,
  `COMMENT ON TABLE t${n} IS 'x'`,
  `GRANT SELECT ON t${n} TO PUBLIC`,
  `DROP VIEW v${n}`,
  `DROP TABLE t${n}`,
];

export async function triggerOverhead(rounds: number): Promise<Overhead> {
  const [watched, bare] = [await openScratch("changes_bench_watched"), await openScratch("changes_bench_bare")];
  const ears = new Client({ connectionString: watched.url });
  let [heard, errors] = [0, 0];
  try {
    const { channel } = await installWatch({ url: watched.url });
    await ears.connect();
    ears.on("notification", () => heard++);
    await ears.query(`LISTEN "${channel}"`);
    const [slow, fast]: [number[], number[]] = [[], []];
    const timed = async (client: Client, sql: string): Promise<number> => {
      const start = performance.now();
      await client.query(sql).catch(() => errors++);
      return performance.now() - start;
    };
    for (let n = 0; n < rounds; n++) {
      for (const sql of statementsOf(n)) {
        if (n % 2 === 0) slow.push(await timed(watched.client, sql));
        fast.push(await timed(bare.client, sql));
        if (n % 2 === 1) slow.push(await timed(watched.client, sql));
      }
    }
    await ears.query("SELECT 1");
    const difference = median(slow.map((ms, i) => ms - (fast[i] ?? 0)));
    const statements = slow.length;
    return { withTriggers: median(slow), without: median(fast), difference, statements, errors, heard };
  } finally {
    await ears.end();
    await watched.drop();
    await bare.drop();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 1_000) / 1_000;
}
