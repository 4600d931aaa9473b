/** The soak (`test/changes/soak.ts`) on both dialects, against the server run from its sources. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { openConnector } from "../src/databases/open.js";
import { installWatch } from "../src/databases/watch.js";
import { type Dialect, Generator } from "../test/changes/ddl.js";
import { type SoakReport, soak } from "../test/changes/soak.js";
import type { Scratch } from "./changes-pairs.js";

export interface Trouble {
  /** Every so many steps. */
  readonly cutEvery: number;
  readonly killEvery: number;
}

const someTrouble: Trouble = { cutEvery: 40, killEvery: 250 };
/** The server polls SQLite so often, ms: without triggers a step waits for a poll. */
const sqlitePollMs = 50;

const server = ["--import", "tsx", fileURLToPath(new URL("../src/main.ts", import.meta.url)), "--log-level", "silent"];

export async function soakPostgres(
  scratch: Scratch,
  steps: number,
  seed: number,
  trouble: Trouble = someTrouble,
): Promise<SoakReport> {
  await scratch.clear();
  await installWatch({ url: scratch.url });
  return within(async (folder) => {
    const stateUrl = `sqlite:${join(folder, "state.db")}`;
    return soak({
      ...common("postgres", steps, seed),
      ...trouble,
      server: [...server, "--source", `soak=${scratch.url}`, "--state", stateUrl],
      environment: {},
      stateUrl,
      connector: scratch.connector,
      run: async (sql) => void (await scratch.client.query(`BEGIN; ${sql.join("; ")}; COMMIT`)),
      cut: async () => {
        const others = "datname = current_database() AND pid <> pg_backend_pid() AND application_name ~ 'sextant'";
        await scratch.client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
      },
    });
  });
}

export async function soakSqlite(steps: number, seed: number, trouble: Trouble = someTrouble): Promise<SoakReport> {
  return within(async (folder) => {
    const path = join(folder, "soak.db");
    const db = new Database(path);
    db.exec("CREATE TABLE t_first (id INTEGER PRIMARY KEY)");
    const connector = openConnector({ url: `sqlite:${path}` });
    const stateUrl = `sqlite:${join(folder, "state.db")}`;
    const poll = String(sqlitePollMs);
    try {
      return await soak({
        ...common("sqlite", steps, seed),
        ...trouble,
        server: [...server, "--source", `soak=sqlite:${path}`, "--state", stateUrl],
        environment: { SEXTANT_DISCOVERY__INTERVAL_MIN_MS: poll, SEXTANT_DISCOVERY__INTERVAL_MAX_MS: poll },
        stateUrl,
        connector,
        run: async (sql) => void db.exec(`BEGIN; ${sql.join("; ")}; COMMIT`),
      });
    } finally {
      await connector.close();
      db.close();
    }
  });
}

function common(dialect: Dialect, steps: number, seed: number) {
  const generator = new Generator(dialect, seed);
  let at = seed;
  return {
    source: "soak",
    steps,
    next: () => generator.next(),
    random: () => {
      at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' linear congruence
      return at / 2 ** 32;
    },
  };
}

async function within<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-soak-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
