/** A change reaches every subscribed client, whatever its transport and protocol, in order, once: two servers over one state. */

import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { installWatch } from "../../src/databases/watch.js";
import { entry, type HttpServer, httpServer, scratchFolder } from "../e2e/sextant.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { overHttp, overListen, overStdio, type Subscriber } from "./subscribers.js";

const folder = scratchFolder();
let database: ScratchDatabase;
let server: HttpServer;
let subscribers: readonly (readonly [string, Subscriber])[] = [];
const uris = ["schema://shop", ...Array.from({ length: 6 }, (_, i) => `schema://shop/t_${i}`)];

beforeAll(async () => {
  database = await createDatabase("CREATE TABLE orders (id int PRIMARY KEY)");
  await installWatch({ url: database.url });
  const args = ["--source", `shop=${database.url}`, "--state", `sqlite:${join(folder.path, "state.db")}`];
  server = await httpServer(...args);
  subscribers = [
    ["stdio", await overStdio([entry, ...args, "--log-level", "silent"], uris)],
    ["a session over HTTP", await overHttp(server.url, uris)],
    ["subscriptions/listen", await overListen(server.url, uris)],
  ];
  await vi.waitUntil(async () => (await fetch(`${server.url}/readyz`)).status === 200, { timeout: 30_000 });
}, 60_000);

afterAll(async () => {
  for (const [, subscriber] of subscribers) await subscriber.close();
  await server.stop();
  await database.drop();
  folder.remove();
});

test("each subscriber hears of each change once, in order", { timeout: 60_000 }, async () => {
  const count = uris.length - 1;
  // What a server was told before it had begun is no news: the first change waits until the other server has looked.
  await vi.waitUntil(
    async () => {
      await database.query("COMMENT ON TABLE orders IS 'probe'; COMMENT ON TABLE orders IS NULL");
      await database.query(`COMMENT ON TABLE orders IS '${performance.now()}'`);
      return subscribers.every(([, s]) => s.heard.length > 0);
    },
    { timeout: 30_000, interval: 300 },
  );
  for (let i = 0; i < count; i++) {
    await database.query(`CREATE TABLE t_${i} (id int)`);
    await vi.waitUntil(() => subscribers.every(([, s]) => s.heard.some((h) => h.what === `schema://shop/t_${i}`)), {
      timeout: 20_000,
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 300)); // what came twice would come now
  for (const [name, { heard }] of subscribers) {
    const tables = heard.map((h) => h.what).filter((what) => what.startsWith("schema://shop/"));
    expect(tables, name).toEqual(uris.slice(1));
    expect(heard.filter((h) => h.what === "list").length, name).toBe(count);
  }
});
