/** The little shop of `fixtures/checks/schema.sql` on both real databases, and what the checks need of it. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { defaultPolicy } from "../../src/access/policy.js";
import type { CheckContext } from "../../src/check/check.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { declaredRelationships } from "../../src/schema/relationships.js";
import type { DialectName } from "../../src/schema/snapshot.js";
import { createDatabase } from "../servers/databases.js";

export interface Shop {
  readonly connector: Connector;
  readonly context: CheckContext;
  close(): Promise<void>;
}

export const fixtures = new URL("../../fixtures/checks/", import.meta.url);
const schema = readFileSync(new URL("schema.sql", fixtures), "utf8");

export async function openShop(dialect: DialectName): Promise<Shop> {
  if (dialect === "sqlite") {
    const folder = mkdtempSync(join(tmpdir(), "sextant-check-"));
    const path = join(folder, "shop.db");
    new Database(path).exec(schema).close();
    return shopOf(`sqlite:${path}`, () => rmSync(folder, { recursive: true }));
  }
  const scratch = await createDatabase(schema);
  return shopOf(scratch.readerUrl, () => scratch.drop());
}

async function shopOf(url: string, drop: () => unknown): Promise<Shop> {
  const connector = openConnector({ url });
  const { snapshot, statistics } = await connector.inspect();
  const view = { snapshot, version: "", statistics, relationships: declaredRelationships(snapshot) };
  const context = { view, policy: defaultPolicy(snapshot.dialect), compile: (sql: string) => connector.compile(sql) };
  return {
    connector,
    context,
    close: async () => {
      await connector.close();
      await drop();
    },
  };
}

/** The statements of a fixture that are for a dialect: all, or those after a `-- sqlite` or `-- postgres` line. */
export function statementsFor(text: string, dialect: DialectName): readonly string[] {
  let current: string | undefined;
  return text.split("\n").flatMap((line) => {
    const mark = /^-- (sqlite|postgres)$/.exec(line)?.[1];
    if (mark !== undefined) current = mark;
    const statement = line.trim().replace(/;$/, "");
    if (statement === "" || statement.startsWith("--")) return [];
    return current === undefined || current === dialect ? [statement] : [];
  });
}
