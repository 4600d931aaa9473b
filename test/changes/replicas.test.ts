/**
 * Two servers over one state: a change that either of them sees is told to the clients of both, in order, once; the webhook hears of it
 * once. One of the two neither listens nor polls: it learns of changes from the shared history alone.
 */

import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { processInputs } from "../../src/config/environment.js";
import { installWatch } from "../../src/databases/watch.js";
import type { SchemaChangeNews } from "../../src/server/app.js";
import { type Running, wire } from "../../src/wire.js";
import { scratchFolder } from "../e2e/sextant.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const folder = scratchFolder();
let source: ScratchDatabase;
let state: ScratchDatabase;
let hook: Server;
const posted: { readonly event: string; readonly from: string; readonly to: string }[] = [];

interface Replica {
  readonly running: Running;
  readonly heard: SchemaChangeNews[];
}
let [watching, following]: Replica[] = [];

beforeAll(async () => {
  source = await createDatabase("CREATE TABLE orders (id int PRIMARY KEY)");
  state = await createDatabase();
  await installWatch({ url: source.url });
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const post = JSON.parse(body) as (typeof posted)[number];
      if (post.event === "schema_changed") posted.push(post);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
  watching = await replica("watching", true, 1_000, 600_000);
  following = await replica("following", false, 86_400_000, 50);
});

afterAll(async () => {
  await Promise.all([watching?.running.close(), following?.running.close()]);
  hook.close();
  await Promise.all([source.drop(), state.drop()]);
  folder.remove();
});

/** `meanwhile` comes between the start of the replica and its first look at the database. */
async function replica(
  name: string,
  listen: boolean,
  intervalMs: number,
  followMs: number,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Replica> {
  const file = join(folder.path, `${name}.json`);
  const { port } = hook.address() as AddressInfo;
  writeFileSync(
    file,
    JSON.stringify({
      sources: { shop: { url: source.url } },
      state: { url: state.url },
      changes: { listen, webhook: `http://127.0.0.1:${port}/` },
      discovery: { interval_min_ms: intervalMs, interval_max_ms: intervalMs },
      server: { reload_poll_ms: followMs },
      telemetry: { log_level: "silent" },
    }),
  );
  const wired = await wire({ ...processInputs(), env: {}, argvFlags: { config: file } });
  if (!wired.ok) throw new Error(JSON.stringify(wired.issues));
  const heard: SchemaChangeNews[] = [];
  wired.value.app.onSchemaChange((change) => heard.push(change));
  await meanwhile();
  wired.value.begin();
  await vi.waitUntil(() => wired.value.app.health().ready, { timeout: 30_000 });
  return { running: wired.value, heard };
}

const told = (of: Replica | undefined) => of?.heard.flatMap((change) => change.tables) ?? [];

test("each hears every change once and in order, the webhook too", { timeout: 60_000 }, async () => {
  const names = Array.from({ length: 8 }, (_, i) => `made_${i}`);
  for (const name of names) {
    await source.query(`CREATE TABLE ${name} (id int)`);
    await expect.poll(() => told(watching), { timeout: 20_000 }).toContain(name);
  }
  await expect.poll(() => told(following), { timeout: 20_000 }).toEqual(names);
  expect(told(watching)).toEqual(names);
  expect(watching?.heard.every((change) => change.listed)).toBe(true);
  await expect.poll(() => posted.length, { timeout: 20_000 }).toBe(names.length);
  expect(posted.slice(1).map((post) => post.from)).toEqual(posted.slice(0, -1).map((post) => post.to));
});

test("one that starts hears of what another records before its own first look is done", {
  timeout: 60_000,
}, async () => {
  const late = await replica("late", false, 86_400_000, 50, async () => {
    await source.query("CREATE TABLE made_meanwhile (id int)");
    await expect.poll(() => told(watching), { timeout: 20_000 }).toContain("made_meanwhile");
  });
  await expect.poll(() => told(late), { timeout: 20_000 }).toEqual(["made_meanwhile"]);
  await late.running.close();
});
