/** Until the first look at the rows is done, answers that stored values would change say that they had none. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Catalog, createCatalog } from "../../src/catalog/catalog.js";
import { type DiscoverySettings, defaultDiscovery } from "../../src/catalog/settings.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { silent } from "../../src/telemetry.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTermTool } from "../../src/tools/map_term.js";
import type { Call } from "../../src/tools/tool.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-unread-"));
const file = join(folder, "music.db");
const call: Call = {
  signal: new AbortController().signal,
  progress: () => undefined,
  caller: { user: "ada", role: "user" },
};
let connector: Connector;
let state: State;

beforeAll(async () => {
  const db = new Database(file);
  db.exec(`
    CREATE TABLE genres (genre_id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE tracks (track_id INTEGER PRIMARY KEY, title TEXT, genre_id INTEGER REFERENCES genres);
    INSERT INTO genres VALUES (1, 'Polka'), (2, 'Fado');
  `);
  db.close();
  connector = openConnector({ url: `sqlite:${file}` });
  state = await openState("memory");
});
afterAll(async () => {
  await connector.close();
  await state.close();
  rmSync(folder, { recursive: true });
});

function catalogOf(rows: Connector["profile"], changed: Partial<DiscoverySettings> = {}): Catalog {
  const settings = { ...defaultDiscovery, maxAgeMs: 0, retryMinMs: 0, ...changed };
  const source = { name: "s", connector: { ...connector, profile: rows }, locator: "here", settings };
  return createCatalog({ sources: [source], state, emit: silent, now: Date.now });
}

async function polka(catalog: Catalog) {
  const deps = {
    sources: ["s"],
    defaultSource: "s",
    live: () => catalog.live("s"),
    connector: () => connector,
    glossary: () => emptyGlossary,
    learned: async () => [],
    state,
    emit: silent,
    now: Date.now,
  };
  const answer = await mapTermTool.run(deps, mapTermTool.input.parse({ terms: ["Polka"] }), call);
  if (!answer.ok) throw new Error(JSON.stringify(answer.issues));
  const { structured, text } = answer.value;
  const [result] = structured.results;
  return { value: result?.matches[0]?.value, issues: structured.issues, text };
}

test("an answer says that values have not been looked at yet, and no longer once they have", async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const rows: Connector["profile"] = async (...args) => {
    await held;
    return connector.profile(...args);
  };
  const catalog = catalogOf(rows, { profileWaitMs: 0 });
  const early = await polka(catalog);
  expect(early.value).toBeUndefined();
  expect(early.issues).toMatchObject([{ code: "unavailable", severity: "info" }]);
  expect(early.text).toContain("values");
  release();
  await expect.poll(() => polka(catalog)).toMatchObject({ value: "Polka", issues: undefined });
  await catalog.close();
});

test("whoever comes second waits for the first look at the rows as well", async () => {
  let begun: () => void = () => undefined;
  const looking = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const rows: Connector["profile"] = async (...args) => {
    begun();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return connector.profile(...args);
  };
  const catalog = catalogOf(rows, { checkShare: 0.001, maxAgeMs: 60_000, profileWaitMs: 60_000 });
  catalog.prefetch();
  await looking;
  expect(await polka(catalog)).toMatchObject({ value: "Polka", issues: undefined });
  await catalog.close();
});

test("a pinned schema has no values, and says what would bring them", async () => {
  const catalog = catalogOf(connector.profile);
  await catalog.freeze("s");
  await catalog.close();
  const restarted = catalogOf(connector.profile);
  expect((await polka(restarted)).issues).toMatchObject([
    { code: "unavailable", help: expect.stringContaining("pinned") },
  ]);
  await restarted.thaw("s");
  await expect.poll(() => polka(restarted)).toMatchObject({ value: "Polka", issues: undefined });
  await restarted.close();
});

test("who has switched profiling off is not told on every answer", async () => {
  const catalog = catalogOf(connector.profile, { profile: { ...defaultDiscovery.profile, enabled: false } });
  expect(await polka(catalog)).toMatchObject({ value: undefined, issues: undefined });
  await catalog.close();
});
