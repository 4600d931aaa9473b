/** From the return of a DDL statement to the notification in a subscribed client, by transport, against servers run from their sources. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { installWatch, removeWatch } from "../src/databases/watch.js";
import { plainEnvironment } from "../test/changes/soak.js";
import { overHttp, overListen, overStdio, type Subscriber } from "../test/changes/subscribers.js";
import { type Latencies, spread } from "./changes-latency.js";
import type { Scratch } from "./changes-pairs.js";

const server = ["--import", "tsx", fileURLToPath(new URL("../src/main.ts", import.meta.url)), "--log-level", "error"];
const patienceMs = 30_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `count` statements one at a time; what each client heard more or less often than once is counted too. */
export async function clientLatency(
  scratch: Scratch,
  count: number,
): Promise<Readonly<Record<string, Latencies & { readonly notOnce: number }>>> {
  await scratch.clear();
  await scratch.client.query("CREATE TABLE orders (id integer)");
  await installWatch({ url: scratch.url });
  const folder = mkdtempSync(join(tmpdir(), "sextant-clients-"));
  const args = (name: string) => [...server, "--source", `shop=${scratch.url}`, "--state", join(folder, name)];
  const child = spawn(process.execPath, [...args("http"), "--http", "127.0.0.1:0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: plainEnvironment(),
  });
  const subscribers: [string, Subscriber][] = [];
  try {
    const url = await new Promise<string>((found, failed) => {
      createInterface({ input: child.stderr }).on("line", (line) => {
        const at = / at (http:\S+)\/mcp$/u.exec(line)?.[1];
        if (at !== undefined) found(at);
      });
      child.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
    });
    const uris = Array.from({ length: count }, (_, i) => `schema://shop/heard_${i}`);
    subscribers.push(["stdio", await overStdio(args("stdio"), ["schema://shop", ...uris])]);
    subscribers.push(["session over HTTP", await overHttp(url, uris)]);
    subscribers.push(["subscriptions/listen", await overListen(url, uris)]);
    await pause(3_000); // both servers have looked and listen
    const times = new Map(subscribers.map(([name]) => [name, [] as number[]]));
    for (const [i, uri] of uris.entries()) {
      await scratch.client.query(`CREATE TABLE heard_${i} (id integer)`);
      const start = performance.now();
      for (const [name, { heard }] of subscribers) {
        while (!heard.some((h) => h.what === uri)) {
          if (performance.now() - start > patienceMs) throw new Error(`${name} did not hear of ${uri}`);
          await pause(2);
        }
        times.get(name)?.push((heard.find((h) => h.what === uri)?.atMs ?? 0) - start);
      }
      await pause(110 + (i % 7) * 3);
    }
    return Object.fromEntries(
      subscribers.map(([name, { heard }]) => {
        const notOnce = uris.filter((uri) => heard.filter((h) => h.what === uri).length !== 1).length;
        return [name, { ...spread(times.get(name) ?? []), notOnce }];
      }),
    );
  } finally {
    for (const [, subscriber] of subscribers) await subscriber.close();
    child.kill("SIGTERM");
    await removeWatch({ url: scratch.url });
    rmSync(folder, { recursive: true, force: true });
  }
}
