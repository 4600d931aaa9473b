/**
 * The configuration as it is in force, and the one way to change it: every change is loaded and checked whole, recorded by compare-and-swap, and
 * only then swapped in as one frozen object, so that a request that holds `current()` sees one configuration. A change that fails leaves the
 * last good one. Settings that wait for a restart keep their value until then and are named.
 */

import { error, fail, type Issue, issueOf, ok, type Result, SextantError, warning } from "../issue.js";
import type { Emit } from "../telemetry.js";
import {
  differenceOf,
  inForce,
  layerBetween,
  type SettingChange,
  same,
  waitingForRestart,
  widening,
} from "./difference.js";
import { isObject } from "./layers.js";
import { type LoadedConfig, type LoadInputs, loadConfig } from "./load.js";
import { hideSecrets, hideValue } from "./secrets.js";
import {
  type ConfigStore,
  type ConfigVersion,
  catchUp,
  findCheckpoint,
  findVersion,
  listVersions,
  newest,
  putCheckpoint,
  putVersion,
} from "./store.js";

/** Who changes, why, and with what right. */
export interface Actor {
  readonly author: string;
  readonly reason: string;
  /** The version that the change was made on; another newest one is a `config_conflict`. Absent: whatever is newest. */
  readonly expected?: number;
  /** Whether the author may widen access. */
  readonly mayWiden: boolean;
}

export interface Active extends LoadedConfig {
  readonly version: number;
  /** Settings that were changed since the start and wait for the next one. */
  readonly waiting: readonly string[];
}

export interface ConfigNews {
  readonly before: Active;
  readonly after: Active;
  /** What took effect, by path. */
  readonly changes: readonly SettingChange[];
}

export type RuntimeChange =
  | { readonly patch: Readonly<Record<string, unknown>> }
  | { readonly replace: Readonly<Record<string, unknown>> };

export interface Preview {
  readonly changes: readonly SettingChange[];
  readonly widens: readonly string[];
  readonly waiting: readonly string[];
}

export interface LiveConfig {
  /** One frozen object; hold it for as long as a request lasts. */
  current(): Active;
  /** The newest version's record; undefined only where state is lost. */
  newest(): Promise<ConfigVersion | undefined>;
  /** Reads the files again, and what other replicas changed. Fails with what is wrong; the last good configuration stays. */
  reload(): Promise<Result<Active>>;
  /**
   * Takes over the newest version's run-time changes over this process's own files and flags. Writes nothing: two servers with different files
   * on one state would otherwise answer each other's versions for ever.
   */
  follow(): Promise<Result<Active>>;
  /** A runtime change: `patch` merges (null takes back), `replace` is the whole runtime layer. */
  change(change: RuntimeChange, actor: Actor): Promise<Result<Active>>;
  /** What a change would do; nothing is kept. */
  preview(change: RuntimeChange): Promise<Result<Preview>>;
  /** Back to a version's number or a checkpoint's name, as a new version. Hidden secrets stay as they are now, said in warnings. */
  rollback(to: number | string, actor: Actor): Promise<Result<Active>>;
  checkpoint(name: string): Promise<Result<ConfigVersion>>;
  versions(limit: number): Promise<readonly ConfigVersion[]>;
  /** Called after each change that took effect; a listener that throws is reported and stops nobody. Returns how to stop. */
  subscribe(listener: (news: ConfigNews) => void): () => void;
}

export interface LiveConfigDeps {
  readonly inputs: Omit<LoadInputs, "runtime">;
  readonly store: ConfigStore;
  readonly emit: Emit;
  /** Milliseconds since the epoch. */
  now(): number;
}

const system: Actor = { author: "system", reason: "started", mayWiden: true };

/** Loads, with what was changed at run time before; records a version where the files say something new. */
export async function openLiveConfig(deps: LiveConfigDeps): Promise<Result<LiveConfig>> {
  const { store, inputs } = deps;
  const found = await newest(store);
  if (found !== undefined) await catchUp(store, found.version);
  const loaded = loadConfig({ ...inputs, runtime: found?.version.runtime ?? {} });
  if (!loaded.ok) return loaded;
  const live = createLive(deps, activeOf(loaded.value, loaded.value, found?.version.version ?? 0));
  const recorded = await live.reload();
  return recorded.ok ? ok(live, loaded.warnings) : recorded;
}

/** Takes over what other replicas changed: asks the store for its newest version at an interval. */
export function followReplicas(live: LiveConfig, intervalMs: number, emit: Emit): { stop(): void } {
  const failed = (cause: unknown) => emit({ event: "failure", where: "configuration of other replicas", cause });
  const look = async (): Promise<void> => {
    const followed = await live.follow();
    if (!followed.ok) failed(new SextantError("bad_config", followed.issues.map((i) => i.message).join(" ")));
  };
  const timer = setInterval(() => {
    look().catch(failed);
  }, intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

interface Step {
  readonly runtime: Readonly<Record<string, unknown>>;
  readonly from: ConfigVersion["from"];
  readonly warnings?: readonly Issue[];
}

function createLive(deps: LiveConfigDeps, first: Active): LiveConfig {
  const { store, inputs, emit } = deps;
  const started: LoadedConfig = first;
  const listeners = new Set<(news: ConfigNews) => void>();
  let active = first;
  let queue: Promise<unknown> = Promise.resolve();

  /** One change at a time in this process; across processes the store's compare-and-swap decides. */
  const inTurn = <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    const done = queue.then(work).catch((cause: unknown) => {
      if (!(cause instanceof SextantError)) emit({ event: "failure", where: "config", cause });
      return fail(issueOf(cause));
    });
    queue = done;
    return done;
  };

  const activate = (loaded: LoadedConfig, version: number): Active => {
    const before = active;
    active = activeOf(loaded, started, version);
    const changes = differenceOf(hideSecrets(before.config), hideSecrets(active.config));
    for (const listener of changes.length > 0 || version !== before.version ? listeners : []) {
      try {
        listener({ before, after: active, changes });
      } catch (cause) {
        emit({ event: "failure", where: "config listener", cause });
      }
    }
    return active;
  };

  const step = async (
    actor: Actor,
    next: (now: ConfigVersion | undefined) => Promise<Result<Step>>,
  ): Promise<Result<Active>> => {
    const found = await newest(store);
    if (actor.expected !== undefined && actor.expected !== (found?.version.version ?? 0)) {
      return fail(
        error(
          "config_conflict",
          `The configuration is at version ${found?.version.version ?? 0}, not ${actor.expected}.`,
          { help: "Read it again and repeat the change." },
        ),
      );
    }
    const wanted = await next(found?.version);
    if (!wanted.ok) return wanted;
    const { runtime, from, warnings = [] } = wanted.value;
    const loaded = loadConfig({ ...inputs, runtime });
    if (!loaded.ok) return loaded;
    const unchanged =
      found !== undefined && same(found.version.written, loaded.value.written) && same(found.version.runtime, runtime);
    if (unchanged) return ok(activate(loaded.value, found.version.version), loaded.warnings);
    const base = loadConfig({ ...inputs, runtime: found?.version.runtime ?? {} });
    const refused = actor.mayWiden || !base.ok ? [] : widening(differenceOf(base.value.config, loaded.value.config));
    if (refused.length > 0) return fail(...refused.map(mayNotWiden));
    const version: ConfigVersion = {
      version: (found?.version.version ?? 0) + 1,
      at: new Date(deps.now()).toISOString(),
      author: actor.author,
      reason: actor.reason,
      from,
      changes: differenceOf(found?.version.written ?? {}, loaded.value.written),
      written: loaded.value.written,
      runtime,
    };
    await putVersion(store, version, found?.revision ?? 0, loaded.value.config.state.keep_versions);
    return ok(activate(loaded.value, version.version), [...loaded.warnings, ...warnings, ...waitingIssues(active)]);
  };

  const runtimeStep =
    (change: RuntimeChange) =>
    async (now: ConfigVersion | undefined): Promise<Result<Step>> =>
      ok({ runtime: changed(now?.runtime ?? {}, change), from: "runtime" });

  return {
    current: () => active,
    newest: async () => (await newest(store))?.version,
    reload: () =>
      inTurn(() =>
        retried(() =>
          step({ ...system, reason: active.version === 0 ? "first start" : "files changed" }, async (now) =>
            ok({ runtime: now?.runtime ?? {}, from: active.version === 0 ? "start" : "file" }),
          ),
        ),
      ),
    follow: () =>
      inTurn(async () => {
        const found = await newest(store);
        if (found === undefined || found.version.version === active.version) return ok(active);
        const loaded = loadConfig({ ...inputs, runtime: found.version.runtime });
        return loaded.ok ? ok(activate(loaded.value, found.version.version), loaded.warnings) : loaded;
      }),
    change: (change, actor) => inTurn(() => retried(() => step(actor, runtimeStep(change)), actor.expected)),
    preview: (change) =>
      inTurn(async () => {
        const runtime = changed((await newest(store))?.version.runtime ?? {}, change);
        const loaded = loadConfig({ ...inputs, runtime });
        if (!loaded.ok) return loaded;
        const changes = differenceOf(active.config, loaded.value.config);
        return ok(
          { changes: hidden(changes), widens: widening(changes), waiting: waitingForRestart(changes) },
          loaded.warnings,
        );
      }),
    rollback: (to, actor) => inTurn(() => retried(() => step(actor, () => backTo(to, store, inputs)), actor.expected)),
    checkpoint: (name) =>
      inTurn(async () => {
        const found = await newest(store);
        if (found === undefined) return fail(error("not_found", "No version of the configuration is kept yet."));
        if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(name) || /^\d+$/u.test(name)) {
          return fail(
            error(
              "invalid_argument",
              "A checkpoint's name is 1 to 100 letters, digits, spaces, `.`, `_` or `-`, and no mere number.",
            ),
          );
        }
        await putCheckpoint(store, name, found.version, new Date(deps.now()).toISOString());
        return ok(found.version);
      }),
    versions: (limit) => listVersions(store, limit),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Another replica may be faster; without an expectation the change is simply made again on what it left. */
async function retried<T>(work: () => Promise<Result<T>>, expected?: number): Promise<Result<T>> {
  const attempts = 5;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (cause) {
      const lost = cause instanceof SextantError && cause.code === "config_conflict";
      if (!lost || expected !== undefined || attempt === attempts) throw cause;
    }
  }
}

async function backTo(
  to: number | string,
  store: ConfigStore,
  inputs: LiveConfigDeps["inputs"],
): Promise<Result<Step>> {
  const target = await (typeof to === "number" ? findVersion(store, to) : findCheckpoint(store, to));
  if (target === undefined) return fail(error("not_found", `No configuration version or checkpoint "${to}" is kept.`));
  const base = loadConfig({ ...inputs, runtime: {} });
  if (!base.ok) return base;
  const skipped: string[] = [];
  const layer = layerBetween(base.value.written, target.written, skipped);
  const warnings = skipped.map((path) =>
    warning("bad_config_value", `${path} is a secret that no version keeps: it stays as it is now.`),
  );
  return ok({ runtime: isObject(layer) ? layer : {}, from: "rollback", warnings });
}

function changed(runtime: Readonly<Record<string, unknown>>, change: RuntimeChange): Readonly<Record<string, unknown>> {
  return "replace" in change ? change.replace : patched(runtime, change.patch);
}

/** Nulls are kept: in the runtime layer they take back what a file sets. A null over a runtime value restores what is below. */
function patched(
  runtime: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = new Map(Object.entries(runtime));
  for (const [key, value] of Object.entries(patch)) {
    const below = entries.get(key);
    if (value === null && below !== undefined) entries.delete(key);
    else entries.set(key, isObject(value) && isObject(below) ? patched(below, value) : value);
  }
  return Object.fromEntries(entries);
}

/** `loaded` as it is in force: what waits for a restart is as `started` has it, and so are the doors to the world. */
function activeOf(loaded: LoadedConfig, started: LoadedConfig, version: number): Active {
  const config = inForce(started.config, loaded.config);
  const waiting = waitingForRestart(differenceOf(config, loaded.config));
  const sources = started.sources.map((source) => ({ ...source, ...config.sources[source.name], url: source.url }));
  return frozen({
    ...loaded,
    config,
    sources,
    stateUrl: started.stateUrl,
    cacheUrl: started.cacheUrl,
    version,
    waiting,
  });
}

function waitingIssues(active: Active): readonly Issue[] {
  return active.waiting.map((path) => warning("needs_restart", `${path} takes effect at the next start.`));
}

function mayNotWiden(path: string): Issue {
  return error("permission_denied", `Changing ${path} so would widen access, and the right to do that was not given.`, {
    help: "Change it in the configuration file, or with a token that may widen access.",
  });
}

function hidden(changes: readonly SettingChange[]): readonly SettingChange[] {
  return changes.map((change) => {
    const path = change.path.split(".");
    const hide = (value: unknown): unknown => hideValue(path, value);
    return {
      path: change.path,
      ...("before" in change && { before: hide(change.before) }),
      ...("after" in change && { after: hide(change.after) }),
    };
  });
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || value instanceof Map) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
