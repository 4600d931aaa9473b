/** A short soak of the built server: connections cut and the process killed in the middle of DDL, and history tells each step once. */

import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { openConnector } from "../../src/databases/open.js";
import { installWatch } from "../../src/databases/watch.js";
import { entry, scratchFolder } from "../e2e/sextant.js";
import { createDatabase } from "../servers/databases.js";
import { type Dialect, Generator } from "./ddl.js";
import { soak } from "./soak.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

function common(dialect: Dialect, url: string, steps: number) {
  const generator = new Generator(dialect, 5);
  const stateUrl = `sqlite:${join(folder.path, `${dialect}.db`)}`;
  let turn = 0;
  return {
    server: [entry, "--source", `soak=${url}`, "--state", stateUrl, "--log-level", "silent"],
    source: "soak",
    stateUrl,
    steps,
    cutEvery: 4,
    killEvery: 6,
    next: () => generator.next(),
    random: () => (turn++ % 3) / 3,
  };
}

test("PostgreSQL: nothing is lost or told twice while connections are cut and the server is killed", {
  timeout: 120_000,
}, async () => {
  const database = await createDatabase();
  await installWatch({ url: database.url });
  const connector = openConnector({ url: database.url });
  try {
    const report = await soak({
      ...common("postgres", database.url, 12),
      environment: {},
      connector,
      run: async (sql) => void (await database.query(`BEGIN; ${sql.join("; ")}; COMMIT`)),
      cut: async () =>
        void (await database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )),
    });
    expect(report).toMatchObject({ steps: 12, kills: 2, cuts: 2, lost: [], doubled: [], broken: [] });
  } finally {
    await connector.close();
    await database.drop();
  }
});

test("SQLite: a rename is proven even where the server was killed before it looked", { timeout: 120_000 }, async () => {
  const path = join(folder.path, "shop.db");
  const db = new Database(path);
  db.exec("CREATE TABLE t_first (id INTEGER PRIMARY KEY)");
  const connector = openConnector({ url: `sqlite:${path}` });
  try {
    const report = await soak({
      ...common("sqlite", `sqlite:${path}`, 10),
      killEvery: 5,
      environment: { SEXTANT_DISCOVERY__INTERVAL_MIN_MS: "50", SEXTANT_DISCOVERY__INTERVAL_MAX_MS: "50" },
      connector,
      run: async (sql) => void db.exec(`BEGIN; ${sql.join("; ")}; COMMIT`),
    });
    expect(report).toMatchObject({ steps: 10, kills: 2, lost: [], doubled: [], broken: [] });
  } finally {
    await connector.close();
    db.close();
  }
});
