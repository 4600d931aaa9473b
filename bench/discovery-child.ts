/** One measurement of `discovery.ts` in a process of its own: its memory and its CPU time are nobody else's. Arguments: URL, mode. */

import { createRequire } from "node:module";
import { Client } from "pg";
import { createCatalog } from "../src/catalog/catalog.js";
import { look } from "../src/catalog/look.js";
import { defaultDiscovery } from "../src/catalog/settings.js";
import { openConnector } from "../src/databases/open.js";
import { fingerprint } from "../src/schema/normal-form.js";
import { openState } from "../src/state/open.js";
import { silent } from "../src/telemetry.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { discoverSchemaTool } from "../src/tools/discover_schema.js";
import { type ToolDeps, tokensOf } from "../src/tools/tool.js";
import { postgresFloor, sqliteFloor } from "./discovery-floor.js";

interface Cost {
  readonly ms: number;
  /** Of this process, collector and compiler included. */
  readonly cpuMs: number;
  readonly peakMiB: number;
}

export interface Answers {
  readonly first: Cost & {
    readonly tables: number;
    readonly columns: number;
    readonly statements: number;
    readonly roundTrips: number;
  };
  readonly floor: Cost;
  readonly five: Cost;
  readonly refresh: {
    readonly fullMs: number;
    readonly refreshMs: number;
    readonly stampMs: number;
    /** The same where the database has told which table it was. */
    readonly toldMs: number;
    readonly gateMs: number;
  };
  readonly tokens: readonly { readonly detail: string; readonly textTokens: number; readonly jsonTokens: number }[];
  readonly endless: never;
}

export type Mode = keyof Answers;

const [url = "", mode] = process.argv.slice(2);
const modes = { first, floor, five, refresh, tokens, endless };

async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000, peakMiB: process.resourceUsage().maxRSS / 1_024 };
}

async function first(): Promise<Answers["first"]> {
  const sent = countMessages();
  const connector = openConnector({ url, allowSuperuser: true });
  let tables = 0;
  let columns = 0;
  const cost = await costOf(async () => {
    const { snapshot } = await connector.inspect();
    tables = snapshot.tables.length;
    columns = snapshot.tables.reduce((sum, table) => sum + table.columns.length, 0);
  });
  await connector.close();
  return { ...cost, tables, columns, ...sent };
}

/** Statements that go out (a simple query of several counts once) and waits for their answers. */
function countMessages(): { statements: number; roundTrips: number } {
  const sent = { statements: 0, roundTrips: 0 };
  const { prototype } = createRequire(import.meta.url)("pg/lib/connection.js") as {
    prototype: Record<string, (...given: unknown[]) => unknown>;
  };
  const count = (name: string, counters: readonly (keyof typeof sent)[]) => {
    const original = prototype[name];
    prototype[name] = function (this: unknown, ...given: unknown[]) {
      for (const counter of counters) sent[counter] += 1;
      return original?.apply(this, given);
    };
  };
  count("parse", ["statements"]);
  count("query", ["statements", "roundTrips"]);
  count("sync", ["roundTrips"]);
  return sent;
}

function floor(): Promise<Answers["floor"]> {
  return costOf(async () =>
    url.startsWith("sqlite:") ? sqliteFloor(url.slice("sqlite:".length)) : postgresFloor(url),
  );
}

function five(): Promise<Answers["five"]> {
  return costOf(async () => {
    let seen: unknown;
    for (let round = 0; round < 5; round += 1) {
      const connector = openConnector({ url, allowSuperuser: true });
      seen = await connector.inspect();
      await connector.close();
    }
    return seen;
  });
}

/** From a table that was altered to the whole schema and its version, as the catalog takes them; against reading all. */
async function refresh(): Promise<Answers["refresh"]> {
  const connector = openConnector({ url, allowSuperuser: true });
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const options = { partialShare: 0.3, signal: new AbortController().signal, progress: () => undefined };
  const whole = async () => {
    const seen = await look(connector, undefined, options);
    if (!seen.changed) throw new Error("a first look finds something");
    fingerprint(seen.seen.read.snapshot);
    return seen.seen;
  };
  let seen = await whole();
  const fulls: number[] = [];
  for (let round = 0; round < 3; round += 1) fulls.push((await costOf(async () => (seen = await whole()))).ms);
  seen = { ...seen, stamp: await connector.stamp() };
  const gates: number[] = [];
  for (let round = 0; round < 9; round += 1) gates.push((await costOf(() => connector.stamp())).ms);
  const table = seen.read.snapshot.tables.find((t) => t.kind === "table");
  const name = `"${table?.schema}"."${table?.name}"`;
  const oids = await admin.query<{ oid: string }>("SELECT $1::regclass::oid::text AS oid", [name]);
  const told = oids.rows.map(({ oid }) => oid);
  const times: number[] = [];
  const toldTimes: number[] = [];
  const stamps: number[] = [];
  for (let round = 0; round < 14; round += 1) {
    const announced = round % 4 > 1;
    await admin.query(
      `ALTER TABLE ${name} ${round % 2 === 0 ? "ADD COLUMN sextant_bench int" : "DROP COLUMN sextant_bench"}`,
    );
    const timed = {
      ...connector,
      stamp: async (relations?: readonly string[]) => {
        const started = performance.now();
        const stamp = await connector.stamp(relations);
        if (!announced) stamps.push(performance.now() - started);
        return stamp;
      },
    };
    const cost = await costOf(async () => {
      const next = await look(timed, seen, { ...options, ...(announced ? { told } : {}) });
      if (!next.changed) throw new Error("the change was not seen");
      seen = next.seen;
      fingerprint(seen.read.snapshot);
    });
    (announced ? toldTimes : times).push(cost.ms);
  }
  await admin.query(`ALTER TABLE ${name} DROP COLUMN IF EXISTS sextant_bench`);
  await admin.end();
  await connector.close();
  return {
    fullMs: median(fulls),
    refreshMs: median(times),
    stampMs: median(stamps),
    toldMs: median(toldTimes),
    gateMs: median(gates),
  };
}

async function tokens(): Promise<Answers["tokens"]> {
  const connector = openConnector({ url, allowSuperuser: true });
  const state = await openState("memory");
  const sources = [
    {
      name: "bench",
      connector,
      settings: { ...defaultDiscovery, profile: { ...defaultDiscovery.profile, enabled: false } },
    },
  ];
  const catalog = createCatalog({ sources, state, emit: silent, now: Date.now });
  const deps: ToolDeps = {
    sources: ["bench"],
    defaultSource: undefined,
    live: (source) => catalog.live(source, {}),
    connector: () => connector,
    glossary: () => emptyGlossary,
    learned: () => Promise.resolve([]),
    state,
    emit: silent,
    now: Date.now,
  };
  const found = [];
  for (const detail of ["overview", "names", "summary", "full"]) found.push(await tokensAt(deps, detail));
  await catalog.close();
  await connector.close();
  await state.close();
  return found;
}

/** All pages of one level. */
async function tokensAt(deps: ToolDeps, detail: string): Promise<Answers["tokens"][number]> {
  const call = {
    signal: new AbortController().signal,
    progress: () => undefined,
    caller: { user: "bench", role: "user" },
  };
  let [textTokens, jsonTokens] = [0, 0];
  let cursor: string | undefined;
  do {
    const asked = { detail, max_tokens: 900_000, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await discoverSchemaTool.run(deps, discoverSchemaTool.input.parse(asked), call);
    if (!answer.ok) throw new Error(answer.issues.map((issue) => issue.message).join());
    textTokens += tokensOf(answer.value.text);
    jsonTokens += tokensOf(JSON.stringify(answer.value.structured));
    cursor = answer.value.structured.next_cursor;
  } while (cursor !== undefined);
  return { detail, textTokens, jsonTokens };
}

/** Discovers until it is killed; says so after the first. */
async function endless(): Promise<never> {
  const connector = openConnector({ url, allowSuperuser: true });
  for (let first = true; ; first = false) {
    await connector.inspect();
    if (first) process.send?.("running");
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

if (process.send !== undefined && mode !== undefined && Object.hasOwn(modes, mode)) {
  process.send(await modes[mode as Mode]());
  process.disconnect();
}
