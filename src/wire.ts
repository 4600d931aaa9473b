/**
 * The one place that constructs: state, connectors, catalog, tools and the app that the transports serve, from a loaded configuration.
 * Everything else is given what it needs.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { createCatalog } from "./catalog/catalog.js";
import { createHistory } from "./catalog/history.js";
import type { LiveSchema } from "./catalog/live.js";
import { createWatcher, defaultWatch, type Watcher } from "./catalog/watch.js";
import type { SchemaChange } from "./changes/change.js";
import { loadGlossary } from "./config/glossary.js";
import { type LoadedConfig, type SourceSettings } from "./config/load.js";
import { camelKeys, connectorSettings } from "./config/rooms.js";
import type { Config } from "./config/schema.js";
import type { ChangeSignal, Connector } from "./databases/connector.js";
import { openConnector } from "./databases/open.js";
import { sampleDatabase } from "./databases/sample.js";
import { fail, ok, type Result, SextantError } from "./issue.js";
import { defaultQuerySettings } from "./query/settings.js";
import { printRef } from "./schema/names.js";
import type { App, SchemaChangeNews, SourceHealth } from "./server/app.js";
import { createLog } from "./server/log.js";
import { createMetrics, type Metrics } from "./server/metrics.js";
import { openState } from "./state/open.js";
import type { Emit } from "./telemetry.js";
import { emptyGlossary, type Glossary } from "./terms/glossary.js";
import { mapTerm } from "./terms/map.js";
import { buildTermIndex } from "./terms/term-index.js";
import { buildQueryTool } from "./tools/build_query.js";
import { discoverSchemaTool } from "./tools/discover_schema.js";
import { mapTermTool } from "./tools/map_term.js";
import { schemaChangesTool } from "./tools/schema_changes.js";
import type { Tool } from "./tools/tool.js";

const packageFile = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };

/** The bundled sample as a layer of the configuration, for when no source is configured. Makes its database file when it is not there yet. */
export function sampleLayer(): Readonly<Record<string, unknown>> {
  const path = sampleDatabase(packageFile("fixtures/ledger/sqlite.sql"), tmpdir());
  return { sources: { ledger: { url: `sqlite:${path}`, glossary: [packageFile("fixtures/ledger/glossary.yaml")] } } };
}

export interface Running {
  readonly app: App;
  readonly metrics: Metrics;
  /** Starts discovering and watching every source in the background. */
  begin(): void;
  close(): Promise<void>;
}

/** Everything constructed and connected. Fails with the issues of a glossary; an unreachable database does not stop it. */
export async function wire(loaded: LoadedConfig): Promise<Result<Running>> {
  const { config, sources } = loaded;
  const glossaries = readGlossaries(config.glossary, sources);
  if (!glossaries.ok) return glossaries;
  const metrics = createMetrics();
  const log = createLog({ level: config.telemetry.log_level, slowCallMs: config.telemetry.slow_call_ms });
  const emit: Emit = (event) => {
    metrics.record(event);
    log(event);
  };
  const state = await openState(loaded.stateUrl);
  const connectors = new Map(sources.map((s) => [s.name, openConnector(connectorSettings(s), emit)]));
  const connector = (name: string): Connector => {
    const found = connectors.get(name);
    if (found === undefined) throw new SextantError("unknown_source", `There is no source "${name}".`);
    return found;
  };
  const settings = camelKeys(config.discovery);
  const catalog = createCatalog({
    sources: sources.map((s) => ({ name: s.name, connector: connector(s.name), locator: locatorOf(s), settings })),
    state,
    emit,
    now: Date.now,
  });
  const history = createHistory(state);
  const news = new Set<(change: SchemaChangeNews) => void>();
  /** Keeps a schema in the history; tells of the step where it is a new one. The history lets each step through once. */
  const record = async (live: LiveSchema, causes: readonly ChangeSignal[]): Promise<void> => {
    const step = await history.record(live, causes);
    if (step?.from === undefined) return;
    emit({ event: "schema_changed", source: live.source, from: step.from, to: step.to, changes: step.changes.length });
    for (const listener of news) listener({ source: live.source, tables: tablesOf(live, step.changes) });
  };
  catalog.onSwap((_before, after) => {
    record(after, []).catch((cause: unknown) => emit({ event: "failure", where: "history", cause }));
  });
  const { intervalMinMs, intervalMaxMs, retryMinMs, retryMaxMs } = settings;
  const watchBounds = { intervalMinMs, intervalMaxMs, retryMinMs, retryMaxMs };
  const watchers = new Map(sources.map((s) => [s.name, watcherOf(s.name)]));
  function watcherOf(name: string): Watcher {
    return createWatcher<never>({
      connector: connector(name),
      settings: { ...defaultWatch, ...watchBounds, listen: config.changes.listen },
      timers: { after: afterMs },
      async refresh(causes) {
        const live = await catalog.live(name, { refresh: true, hold: true });
        if (live.ok) await record(live.value, causes);
        return undefined;
      },
      onChange: () => undefined,
      onDetectorBlind: () =>
        emit({ event: "failure", where: `watch:${name}`, cause: new SextantError("detector_blind", blind) }),
      onFailure: (where, cause) => emit({ event: "failure", where: `watch:${name}:${where}`, cause }),
    });
  }
  const app: App = {
    version,
    tools: toolsOf(config.query),
    deps: {
      sources: sources.map((s) => s.name),
      defaultSource: config.default_source,
      live: (source, { refresh, call }) =>
        catalog.live(source, { refresh: refresh === true, signal: call.signal, progress: call.progress }),
      connector,
      glossary: (source) => glossaries.value.get(source) ?? emptyGlossary,
      learned: async () => [],
      state,
      history,
      watch: (source) => watchers.get(source)?.status() ?? { mode: "off" },
      emit,
      now: Date.now,
    },
    emit,
    onSchemaChange(listener) {
      news.add(listener);
      return () => void news.delete(listener);
    },
    health() {
      const health = sources.map((s) => healthOf(s.name, catalog.known(s.name)));
      return { ready: health.every((h) => h.version !== undefined), sources: health };
    },
  };
  const begin = () => {
    for (const [name, watcher] of watchers) {
      catalog.live(name).then(
        () => watcher.start(),
        (cause: unknown) => emit({ event: "failure", where: `discovery:${name}`, cause }),
      );
    }
  };
  return ok({
    begin,
    app,
    metrics,
    async close() {
      await Promise.all([...watchers.values()].map((watcher) => watcher.stop()));
      await catalog.close();
      await Promise.all([...connectors.values()].map((c) => c.close()));
      await state.close();
    },
  });
}

/** Every tool of the contract; `run_query` may be switched off. */
function toolsOf(query: Config["query"]): readonly Tool[] {
  const build = buildQueryTool({
    settings: {
      ...defaultQuerySettings,
      minLinkConfidence: query.min_link_confidence,
      timeZone: query.time_zone,
      fiscalYearStart: query.fiscal_year_start,
      softDeletes: query.soft_deletes,
    },
    explain: true,
    resolverOf(live, glossary, learned) {
      const index = buildTermIndex(live, glossary);
      return (request) => mapTerm(index, request, learned);
    },
  });
  const tools: readonly Tool[] = [discoverSchemaTool, mapTermTool, build, schemaChangesTool];
  return query.run ? tools : tools.filter((tool) => tool.name !== "run_query");
}

const blind = "A schema change was found that the database's watch triggers did not announce; polling goes on.";

/** The watcher's timer; it never keeps the process alive by itself. */
function afterMs(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Refs of the tables that changes name, in the later schema. */
function tablesOf({ snapshot }: LiveSchema, changes: readonly SchemaChange[]): readonly string[] {
  const refs = changes.flatMap(({ place: { part, schema, table, name } }) => {
    const owner = table ?? (part === "table" ? name : undefined);
    return owner === undefined ? [] : [printRef(snapshot, { schema, name: owner })];
  });
  return [...new Set(refs)];
}

function healthOf(name: string, live: LiveSchema | undefined): SourceHealth {
  if (live === undefined) return { name, status: "starting" };
  const status = live.origin === "static" ? "static" : live.stale ? "stale" : "live";
  return { name, status, version: live.version, as_of: live.asOf };
}

/** Where a source is, without secrets: a schema kept from another place is not served. */
function locatorOf(source: SourceSettings): string {
  const place = source.dialect === "sqlite" ? source.url : source.url.replace(/\/\/[^@/]*@/u, "//");
  return createHash("sha256").update(place).digest("hex");
}

function readGlossaries(shared: readonly string[], sources: readonly SourceSettings[]): Result<Map<string, Glossary>> {
  const readFile = (path: string) => readFileSync(path, "utf8");
  const read = sources.map((s) => ({ name: s.name, glossary: loadGlossary([...shared, ...s.glossary], readFile) }));
  const issues = read.flatMap(({ glossary }) => (glossary.ok ? [] : glossary.issues));
  if (issues.length > 0) return fail(...issues);
  return ok(new Map(read.map(({ name, glossary }) => [name, glossary.ok ? glossary.value : emptyGlossary])));
}
