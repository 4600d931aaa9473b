/**
 * The one place that constructs: state, configuration, connectors, catalog, tools and the app that the transports serve.
 * Everything else is given what it needs. A call reads the configuration as it is at that moment; one call sees one configuration.
 */

import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Hono } from "hono";
import { createCache } from "./cache/cache.js";
import { openRedis } from "./cache/redis.js";
import type { CacheSettings } from "./cache/settings.js";
import type { SharedStore } from "./cache/shared.js";
import { createAutoFreeze } from "./catalog/auto-freeze.js";
import { createCatalog } from "./catalog/catalog.js";
import { type Freezer, openFreezer } from "./catalog/freeze.js";
import { createHistory, defaultHistory, type History } from "./catalog/history.js";
import type { LiveSchema } from "./catalog/live.js";
import { createNews } from "./catalog/news.js";
import { createWatcher, defaultWatch, type Watcher } from "./catalog/watch.js";
import type { SchemaChange } from "./changes/change.js";
import { openGlossaries } from "./config/glossary.js";
import { followReplicas, type LiveConfig, openLiveConfig } from "./config/live.js";
import { type LoadedConfig, type LoadInputs, loadConfig, type SourceSettings } from "./config/load.js";
import { camelKeys, connectorSettings } from "./config/rooms.js";
import type { Config } from "./config/schema.js";
import { watchFiles } from "./config/watch.js";
import { createWebhook } from "./config/webhook.js";
import type { ChangeSignal, Connector } from "./databases/connector.js";
import { openConnector } from "./databases/open.js";
import { ok, type Result, SextantError } from "./issue.js";
import { defaultFeedbackSettings } from "./learning/feedback.js";
import { createLearning, type Learning } from "./learning/learning.js";
import type { Caller, Rename } from "./learning/mappings.js";
import { version } from "./package-files.js";
import { printRef } from "./schema/names.js";
import type { SchemaSnapshot } from "./schema/snapshot.js";
import { adminApp } from "./server/admin.js";
import type { App, ConfigChangeNews, SchemaChangeNews, SourceHealth } from "./server/app.js";
import { cachedTools } from "./server/cached-tools.js";
import { createLog } from "./server/log.js";
import { createMetrics, type Metrics } from "./server/metrics.js";
import { openState } from "./state/open.js";
import { openKeyValue } from "./state/open-key-value.js";
import type { State } from "./state/state.js";
import type { Emit } from "./telemetry.js";
import type { LearnedMapping } from "./terms/mapping.js";
import { prepareTermIndex } from "./terms/term-index.js";
import { createTools } from "./tools/all.js";
import { keepRuns } from "./tools/estimates.js";

/** Events of a changed configuration file are gathered for so long, ms. */
const reloadDebounceMs = 100;
const dayMs = 86_400_000;
/** Schemas of so many tables have their words read before the first question about them. */
const prepareFromTables = 500;
const blind = "A schema change was found that the database's watch triggers did not announce; polling goes on.";

export interface Running {
  readonly app: App;
  readonly metrics: Metrics;
  readonly config: LiveConfig;
  readonly freezer: Freezer;
  readonly state: State;
  readonly learning: Learning;
  /** The admin API; absent where no token is set. */
  readonly admin: Hono | undefined;
  /** Starts discovering and watching every source in the background. */
  begin(): void;
  close(): Promise<void>;
}

/** Everything constructed and connected. Fails with issues of the configuration or a glossary; an unreachable database does not stop it. */
export async function wire(inputs: LoadInputs): Promise<Result<Running>> {
  const loaded = loadConfig(inputs);
  if (!loaded.ok) return loaded;
  const { sources } = loaded.value;
  const metrics = createMetrics();
  const { log_level: level, slow_call_ms: slowCallMs } = loaded.value.config.telemetry;
  const log = createLog({ level, slowCallMs });
  const observers: Emit[] = [metrics.record, log];
  const emit: Emit = (event) => {
    for (const observe of observers) observe(event);
  };
  const report = (where: string) => (cause: unknown) => emit({ event: "failure", where, cause });

  const state = await openState(loaded.value.stateUrl);
  const opened = await openLiveConfig({ inputs, store: state, emit, now: Date.now });
  if (!opened.ok) {
    await state.close();
    return opened;
  }
  const config = opened.value;
  const settings = () => config.current().config;
  const read = openGlossaries(config.current);
  if (!read.ok) {
    await state.close();
    return read;
  }
  const glossaries = read.value;

  const connectors = new Map(sources.map((s) => [s.name, openConnector(connectorSettings(s), emit)]));
  const connector = (name: string): Connector => {
    const found = connectors.get(name);
    if (found === undefined) throw new SextantError("unknown_source", `There is no source "${name}".`);
    return found;
  };
  const discovery = camelKeys(settings().discovery);
  const catalog = createCatalog({
    sources: sources.map((s) => ({
      name: s.name,
      connector: connector(s.name),
      locator: locatorOf(s),
      settings: discovery,
      ...(s.schemas === undefined ? {} : { schemas: s.schemas }),
    })),
    state,
    emit,
    now: Date.now,
  });

  const { keep_changes: keepSteps, keep_days: keepDays } = settings().state;
  const history = createHistory(state, { ...defaultHistory, keepSteps, keepForMs: keepDays * dayMs });
  const learning = createLearning({
    state,
    renames: (source, afterSeq) => renamesOf(history, source, afterSeq),
    settings: () => {
      const { quorum, half_life_days: halfLifeDays } = settings().terms;
      return { ...defaultFeedbackSettings, quorum, halfLifeDays };
    },
    now: Date.now,
  });
  const learned = async (source: string, caller: Caller): Promise<readonly LearnedMapping[]> =>
    settings().terms.learn ? learning.mappings(source, caller) : [];
  const freezer = await openFreezer({
    catalog,
    sources: sources.map((s) => s.name),
    state,
    glossary: glossaries.of,
    learned: (source) => learned(source, { user: "", role: "" }),
    clearCaches: () => sources.forEach((s) => cache.invalidate(s.name, ["*"])),
    now: Date.now,
  });

  const { changes: freezing } = settings();
  const autoFreeze = createAutoFreeze(
    () => ({
      freezeErrorShare: freezing.freeze_error_share,
      freezeOnLoss: freezing.freeze_on_loss,
      freezeWhenBlindMs: freezing.freeze_when_blind_ms,
    }),
    Date.now,
  );
  observers.push((event) => {
    if (event.event === "tool_called") autoFreeze.call(event.outcome === "error");
    if (event.event === "discovery_failed") autoFreeze.seen(event.source, false);
    if (event.event === "schema_discovered") autoFreeze.seen(event.source, true);
    if (event.event === "cache") return; // far the most frequent, and no reason
    const reason = freezer.status() === undefined ? autoFreeze.reason() : undefined;
    if (reason !== undefined) freezer.freeze("system", reason).catch(report("freeze"));
  });
  const cache = createCache(cacheSettings(settings().cache), emit, sharedStore(config.current(), emit), Date.now);
  const restsOn = () => `${version} ${config.current().version} ${freezer.status()?.at ?? ""}`;
  const webhook = createWebhook(() => {
    const { webhook: url, webhook_timeout_ms: timeoutMs } = settings().changes;
    return url === undefined ? undefined : { url, timeoutMs };
  }, emit);
  const listeners = new Set<(change: SchemaChangeNews) => void>();
  const news = createNews(history, (source, { from, to, changes }) => {
    const snapshot = catalog.known(source)?.snapshot;
    if (from === undefined || snapshot === undefined) return;
    emit({ event: "schema_changed", source, from, to, changes: changes.length });
    const tables = tablesOf(snapshot, changes);
    // What rests on other tables alone stays good under the new version; what rests on the whole schema goes.
    cache.advance(source, from, to, tables);
    cache.invalidate(source, tables);
    const listed = changes.some(
      (c) => c.kind === "schema_renamed" || /^(?:table|view)_(?:added|removed|renamed)$/u.test(c.kind),
    );
    for (const listener of listeners) listener({ source, tables, listed });
  });
  // Before the first look: a step that another replica records after it would else be neither in what was seen nor news.
  await Promise.all(sources.map(({ name }) => news.begin(name).catch(report(`history:${name}`))));
  const lookAgain = async (source: string): Promise<LiveSchema | undefined> => {
    const live = await catalog.live(source, { refresh: true, hold: true });
    return live.ok ? live.value : undefined;
  };
  /** Keeps a schema in the history, then tells what is new there. Of several replicas one writes a step, and posts it; all tell their clients. */
  const record = async (live: LiveSchema, causes: readonly ChangeSignal[]): Promise<void> => {
    const { source } = live;
    await news.begin(source);
    const step = await history.record(live, causes, () => lookAgain(source));
    if (step?.from !== undefined) {
      const { from, to, at, changes } = step;
      webhook.send("schema_changed", { source, from, to, at, changes: changes.map((c) => c.summary) });
    }
    await news.tell(source);
    if (step !== undefined) await history.retain(source, Date.now());
  };
  catalog.onSwap((_before, after) => {
    if (after.issues.some((issue) => issue.code === "mass_disappearance")) autoFreeze.loss(after.source);
    const isLarge = after.snapshot.tables.length >= prepareFromTables;
    // What is answered ahead must not read all words at one go, while others wait.
    const words: Promise<unknown> = isLarge
      ? prepareTermIndex(after, glossaries.of(after.source), nextTurn).catch(report("terms"))
      : Promise.resolve();
    record(after, announced.get(after.source) ?? [])
      .then(() => words)
      .then(() => tools.warm(after.source))
      .catch(report("history"));
  });
  const configListeners = new Set<(change: ConfigChangeNews) => void>();
  const tellConfig = (paths: readonly string[]): void => {
    for (const listener of configListeners) listener({ version: config.current().version, settings: paths });
  };
  config.subscribe(({ before, after, changes }) => {
    const paths = changes.map((c) => c.path);
    webhook.send("config_changed", { from: before.version, to: after.version, changes: paths });
    tellConfig(paths);
  });

  /** What the database said of the change that is being looked at, by source. */
  const announced = new Map<string, readonly ChangeSignal[]>();
  const watcherOf = (name: string): Watcher => {
    const { intervalMinMs, intervalMaxMs, retryMinMs, retryMaxMs } = discovery;
    const bounds = { intervalMinMs, intervalMaxMs, retryMinMs, retryMaxMs };
    return createWatcher<string>({
      connector: connector(name),
      settings: { ...defaultWatch, ...bounds, listen: settings().changes.listen },
      timers: { after: afterMs },
      async refresh(causes, told) {
        const before = catalog.known(name)?.version;
        announced.set(name, causes);
        const part = told === undefined ? {} : { told };
        const looking = catalog.live(name, { refresh: true, hold: true, ...part });
        const live = await looking.finally(() => announced.delete(name));
        if (!live.ok) throw new SextantError("source_unreachable", live.issues.map((i) => i.message).join(" "));
        await record(live.value, causes);
        // A look that failed answers with what was known: the change that called for it is still to be seen.
        if (live.value.stale && live.value.origin !== "static")
          throw new SextantError("source_unreachable", `Source "${name}" could not be looked at.`);
        return before !== undefined && live.value.version !== before ? live.value.version : undefined;
      },
      onChange: () => undefined,
      onDetectorBlind: () => report(`watch:${name}`)(new SextantError("detector_blind", blind)),
      onFailure: (where, cause) => report(`watch:${name}:${where}`)(cause),
    });
  };
  const watchers = new Map(sources.map((s) => [s.name, watcherOf(s.name)]));
  const files = settings().server.reload
    ? watchFiles(() => [...config.current().files, ...glossaries.files()], watchSettings(), reload, emit)
    : undefined;
  function watchSettings() {
    return { debounceMs: reloadDebounceMs, pollMs: settings().server.reload_poll_ms };
  }
  function reload(): void {
    reloadAll().catch(report("configuration"));
  }
  async function reloadAll(): Promise<void> {
    const reloaded = await config.reload();
    const read = glossaries.reload();
    if (read.ok && read.value.changed) tellConfig(["glossary"]);
    const wrong = [reloaded, read].flatMap((result) => (result.ok ? [] : result.issues));
    if (wrong.length > 0)
      report("configuration")(new SextantError("bad_config", wrong.map((issue) => issue.message).join(" ")));
  }

  const replicas = followReplicas(config, settings().server.reload_poll_ms, emit);
  /** Steps that another replica recorded, where this one's own watching did not lead to them. */
  const follow = async (source: string): Promise<void> => {
    if (catalog.known(source) === undefined || !(await news.waits(source))) return;
    await watchers.get(source)?.look();
    await news.tell(source);
  };
  const following = setInterval(() => {
    for (const { name } of sources) follow(name).catch(report(`history:${name}`));
  }, settings().server.reload_poll_ms);
  following.unref();
  const mayLearn = () => freezer.status() === undefined && settings().terms.learn;
  const tools = cachedTools({
    tools: createTools(settings, mayLearn, { cache, restsOn }),
    cache,
    restsOn,
    warmEntries: () => settings().cache.warm_entries,
    onFailure: report("cache"),
  });
  const app: App = {
    version,
    tools: tools.tools,
    deps: {
      sources: sources.map((s) => s.name),
      defaultSource: settings().default_source,
      live: (source, { refresh, call }) =>
        catalog.live(source, { refresh: refresh === true, signal: call.signal, progress: call.progress }),
      connector,
      glossary: (source) => freezer.pinned(source)?.glossary ?? glossaries.of(source),
      learned: async (source, { caller }) => freezer.pinned(source)?.learned ?? learned(source, caller),
      rankers: async (source) => (settings().terms.learn ? learning.rankers(source) : {}),
      state,
      history,
      accessRules: () =>
        (["allow_tables", "deny_tables", "deny_columns"] as const).map((name) => ({
          name: `access.${name}`,
          refs: settings().access[name] ?? [],
        })),
      watch: (source) => watchers.get(source)?.status() ?? { mode: "off" },
      emit,
      now: Date.now,
    },
    emit,
    onSchemaChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onConfigChange(listener) {
      configListeners.add(listener);
      return () => void configListeners.delete(listener);
    },
    health() {
      const health = sources.map((s) => healthOf(s.name, catalog.known(s.name), catalog.failure(s.name) !== undefined));
      return { ready: health.every((h) => h.version !== undefined), sources: health };
    },
  };
  const { admin_token: token, admin_may_widen: mayWiden } = settings().server;
  const status = () => ({ health: app.health(), cache: cache.stats() });
  return ok(
    {
      app,
      metrics,
      config,
      freezer,
      state,
      learning,
      admin: token === undefined ? undefined : adminApp({ token, live: config, freezer, mayWiden, emit, status }),
      begin() {
        for (const [name, watcher] of watchers) {
          catalog.live(name).then(() => watcher.start(), report(`discovery:${name}`));
          history.retain(name, Date.now()).catch(report("history"));
        }
      },
      async close() {
        files?.stop();
        replicas.stop();
        clearInterval(following);
        await Promise.all([...watchers.values()].map((watcher) => watcher.stop()));
        await catalog.close();
        await webhook.close();
        await cache.close();
        await Promise.all([...connectors.values()].map((c) => c.close()));
        await keepRuns(state);
        await state.close();
      },
    },
    loaded.warnings,
  );
}

function cacheSettings({ key, ...section }: Config["cache"]): CacheSettings & { readonly key?: string } {
  return { ...camelKeys(section), ...(key === undefined ? {} : { key }) };
}

/** The tier that outlives the process, or that replicas share; none with `memory:`. */
function sharedStore({ cacheUrl, config }: LoadedConfig, emit: Emit): SharedStore | undefined {
  if (/^memory:?$/u.test(cacheUrl)) return undefined;
  const settings = cacheSettings(config.cache);
  if (/^rediss?:/u.test(cacheUrl)) return openRedis(cacheUrl, settings, emit);
  const limits = { ...settings, maxBytes: settings.sharedMaxBytes };
  return openKeyValue(cacheUrl, limits, (cause) => emit({ event: "failure", where: "cache", cause }));
}

/** The watcher's timer; it never keeps the process alive by itself. */
function afterMs(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Proven renames of tables and columns, oldest first. */
async function renamesOf(
  history: History,
  source: string,
  afterSeq: number,
): Promise<{ readonly renames: readonly Rename[]; readonly upToSeq: number }> {
  const steps = await history.steps(source, afterSeq);
  const renames = steps.flatMap((step) =>
    step.changes.flatMap(({ kind, renamedFrom, object }) =>
      renamedFrom !== undefined && (kind === "table_renamed" || kind === "column_renamed")
        ? [{ from: renamedFrom, to: object, seq: step.seq }]
        : [],
    ),
  );
  return { renames, upToSeq: steps.at(-1)?.seq ?? afterSeq };
}

/** Refs of the tables that changes name, by former names as well. */
function tablesOf(snapshot: SchemaSnapshot, changes: readonly SchemaChange[]): readonly string[] {
  const places = changes.flatMap(({ place, formerPlace }) =>
    formerPlace === undefined ? [place] : [place, formerPlace],
  );
  const refs = places.flatMap(({ part, schema, table, name }) => {
    const owner = table ?? (part === "table" ? name : undefined);
    return owner === undefined ? [] : [printRef(snapshot, { schema, name: owner })];
  });
  return [...new Set(refs)];
}

function healthOf(name: string, live: LiveSchema | undefined, failed: boolean): SourceHealth {
  if (live === undefined) return { name, status: failed ? "unreachable" : "starting" };
  const known = { name, version: live.version, as_of: live.asOf };
  if (live.origin === "static") return { ...known, status: "static" };
  if (failed) return { ...known, status: "unreachable" };
  return { ...known, status: live.stale ? "stale" : "live" };
}

/** Where a source is, without secrets: a schema kept from another place is not served. */
function locatorOf(source: SourceSettings): string {
  const attached = Object.entries(source.attach ?? {}).map(([schema, url]) => `\n${schema}=${url}`);
  const place =
    source.dialect === "sqlite" ? [source.url, ...attached].join("") : source.url.replace(/\/\/[^@/]*@/u, "//");
  return createHash("sha256").update(place).digest("hex");
}
