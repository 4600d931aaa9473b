/**
 * Behind a pooler that gives each transaction another connection, announcements never arrive: that is found out at the start, said, and
 * changes are polled. The pooler here passes PostgreSQL's protocol through, tells its own process number and swallows notifications.
 */

import { type AddressInfo, createServer, connect as dial, type Server } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWatcher, defaultWatch } from "../../src/catalog/watch.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

/** Where an address names none. */
const usualPort = 5432;

let database: ScratchDatabase;
let pooler: Server;
let connector: Connector;

beforeAll(async () => {
  database = await createDatabase();
  const { hostname, port } = new URL(database.url);
  pooler = createServer((client) => {
    const server = dial(Number(port || usualPort), hostname);
    let waiting = Buffer.alloc(0);
    client.pipe(server);
    server.on("data", (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      // A message is a letter, a length that counts itself, and the rest (PostgreSQL manual, 55.7).
      while (waiting.length >= 5 && waiting.length > waiting.readUInt32BE(1)) {
        const message = waiting.subarray(0, waiting.readUInt32BE(1) + 1);
        waiting = waiting.subarray(message.length);
        const letter = String.fromCharCode(message[0] ?? 0);
        if (letter === "K") message.writeUInt32BE(1, 5);
        if (letter !== "A") client.write(Buffer.from(message));
      }
    });
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  });
  await new Promise<void>((resolve) => pooler.listen(0, "127.0.0.1", resolve));
  const url = new URL(database.url);
  url.port = String((pooler.address() as AddressInfo).port);
  connector = openConnector({ url: url.href });
});
afterAll(async () => {
  await connector.close();
  pooler.close();
  await database.drop();
});

it("says that announcements do not arrive, once, and polls", async () => {
  const failures: unknown[] = [];
  let looks = 0;
  const watcher = createWatcher<string>({
    connector,
    settings: { ...defaultWatch, intervalMinMs: 50, intervalMaxMs: 50, retryMinMs: 10, retryMaxMs: 10 },
    refresh: async () => {
      looks++;
      return "changed";
    },
    onChange: () => undefined,
    onDetectorBlind: () => expect.fail("nobody listens, so nobody is blind"),
    onFailure: (where, cause) => failures.push([where, (cause as { code?: string }).code]),
    timers: {
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
  });
  watcher.start();
  await expect.poll(() => failures.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(watcher.status().mode).toBe("poll");
  const before = looks;
  await database.query("CREATE TABLE seen_by_polling (id int)");
  await expect.poll(() => looks, { timeout: 20_000 }).toBeGreaterThan(before);
  await watcher.stop();
  expect(failures).toEqual([["listen", "unsupported"]]);
});
