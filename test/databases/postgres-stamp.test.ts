/** Stamps that are read while tables come: what a stamp says of the whole schema and what it says of each table are of one moment. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { look, type Seen } from "../../src/catalog/look.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

let database: ScratchDatabase;

beforeAll(async () => {
  database = await createDatabase("CREATE TABLE orders (id int PRIMARY KEY)");
});
afterAll(() => database.drop());

/** Makes tables one after the other until `work` is done. */
async function whileTablesCome(prefix: string, work: Promise<unknown>): Promise<void> {
  const state = { working: true };
  const ended = work.finally(() => {
    state.working = false;
  });
  for (let made = 0; state.working; made += 1) await database.query(`CREATE TABLE ${prefix}_${made} (id int)`);
  await ended;
}

async function withConnectors<T>(count: number, act: (connectors: readonly Connector[]) => Promise<T>): Promise<T> {
  const connectors = Array.from({ length: count }, () => openConnector({ url: database.readerUrl }));
  try {
    return await act(connectors);
  } finally {
    await Promise.all(connectors.map((c) => c.close()));
  }
}

test("stamps that are equal as wholes are equal table by table", { timeout: 60_000 }, async () => {
  const tablesOf = new Map<string, string>();
  let read = 0;
  const differing: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    await withConnectors(6, async (connectors) => {
      const reading = connectors.map(async (connector) => {
        for (let i = 0; i < 10; i += 1) {
          const { schema, tables } = await connector.stamp();
          const text = JSON.stringify(Object.entries(tables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
          if ((tablesOf.get(schema) ?? text) !== text) differing.push(schema);
          tablesOf.set(schema, text);
          read += 1;
        }
      });
      await whileTablesCome(`round_${round}`, Promise.all(reading));
    });
  }
  expect(read).toBe(180);
  expect(tablesOf.size).toBeGreaterThan(10);
  expect(differing).toEqual([]);
});

test("looks that follow each other while tables come end with all of them", { timeout: 60_000 }, async () => {
  const options = { partialShare: 0.5, signal: new AbortController().signal, progress: () => undefined };
  for (let round = 0; round < 6; round += 1) {
    await withConnectors(1, async ([connector]) => {
      if (connector === undefined) return;
      let seen: Seen | undefined;
      const lookAgain = async () => {
        const looked = await look(connector, seen, options);
        if (looked.changed) seen = looked.seen;
        else if (seen !== undefined) seen = { ...seen, stamp: looked.stamp };
      };
      const looking = async () => {
        for (let i = 0; i < 5; i += 1) await Promise.all([lookAgain(), connector.stamp()]);
      };
      await whileTablesCome(`look_${round}`, looking());
      await lookAgain();
      const { snapshot } = await connector.inspect();
      const names = (tables: readonly { readonly name: string }[] = []) => tables.map((t) => t.name).sort();
      expect(names(seen?.read.snapshot.tables)).toEqual(names(snapshot.tables));
    });
  }
});
