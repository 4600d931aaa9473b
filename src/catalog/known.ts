/**
 * What is known of one source: what was read, what rows showed, what people decided, the pin, and the value that is served from all of it. A swap
 * replaces the whole value at once. It asks no database: `source.ts` looks, `study.ts` reads rows.
 */

import type { Relationship } from "../schema/relationships.js";
import type { State } from "../state/state.js";
import type { Emit } from "../telemetry.js";
import { assembleInSteps, type Evidence, noEvidence, type Served } from "./assemble.js";
import type { StoredSchema } from "./kept.js";
import type { LiveSchema } from "./live.js";
import type { Seen } from "./look.js";
import { loadDecisions, type RelationDecision } from "./relations.js";
import { inSlices } from "./slices.js";
import type { CatalogSource, OnSwap } from "./source-options.js";
import { createKeep, loadLast, loadPin } from "./stored.js";

export interface SourceDeps {
  readonly state: State;
  readonly emit: Emit;
  now(): number;
  readonly onSwap: OnSwap;
}

/** What was read, and the value that is served from it. */
export interface Present {
  readonly seen: Seen;
  readonly view: LiveSchema;
  /** False while only state vouches for it. */
  readonly confirmed: boolean;
}

export interface Known {
  present(): Present | undefined;
  pinned(): LiveSchema | undefined;
  evidence(): Evidence;
  /** Takes up what state remembers, once: the pin, the last schema, what people decided. A broken state costs the warm start, never the answer. */
  load(): Promise<void>;
  /** A schema put together with all that is known beside it; other calls have their turn meanwhile. `guessed`: see `assemble.ts`. */
  build(served: Served, guessed?: readonly Relationship[]): Promise<LiveSchema>;
  swap(next: Present): void;
  /** The same schema, seen again: nobody need hear of it. */
  renew(next: Present): void;
  /** Serves what rows have shown, unless the schema has moved on. */
  takeEvidence(found: Evidence, seen: Seen): Promise<void>;
  reloadDecisions(): Promise<void>;
  /** Serves a kept schema until `unpin`. */
  pin(stored: StoredSchema): Promise<LiveSchema>;
  unpin(): void;
  /** Keeps a schema in state; a failure is reported, for the answer does not hang on it. */
  keep(seen: Seen, version: string, asOf: string): Promise<void>;
  /** The present schema as state keeps it. */
  stored(): StoredSchema | undefined;
}

export function createKnown(source: CatalogSource, deps: SourceDeps): Known {
  const { settings } = source;
  const keepSchema = createKeep(deps.state, source.name, settings.keepSnapshots);
  let present: Present | undefined;
  let pinned: LiveSchema | undefined;
  let evidence: Evidence = noEvidence;
  let decisions: readonly RelationDecision[] = [];
  let loaded: Promise<void> | undefined;

  async function build(served: Served, guessed?: readonly Relationship[]): Promise<LiveSchema> {
    for (;;) {
      const [rows, people] = [evidence, decisions];
      const { classifiedWords: closedWords, enabled: profiles } = settings.profile;
      const whole = { ...served, closedWords, profiles };
      const view = await inSlices(assembleInSteps(whole, rows, people, settings.inference, guessed));
      // What was learnt or decided meanwhile counts.
      if (rows === evidence && people === decisions) return view;
    }
  }

  function swap(next: Present): void {
    const before = present?.view;
    present = next;
    if (before !== next.view) deps.onSwap(before, next.view);
  }

  async function load(): Promise<void> {
    try {
      const pin = await loadPin(deps.state, source.name);
      decisions = await loadDecisions(deps.state, source.name);
      if (pin !== undefined) pinned = await fromStored(pin, "static");
      const last = await loadLast(deps.state, source);
      if (last === undefined || present !== undefined) return;
      const view = await fromStored(last, "cache");
      present = { seen: { read: { ...last, issues: [] }, stamp: last.stamp }, view, confirmed: false };
    } catch (cause) {
      deps.emit({ event: "failure", where: "catalog.load", cause });
    }
  }

  function fromStored(stored: StoredSchema, origin: "cache" | "static"): Promise<LiveSchema> {
    const read = { ...stored, issues: [] };
    return build({ source: source.name, read, asOf: stored.asOf, origin, stale: true, version: stored.version });
  }

  /** The view of `seen` again, with what is known now; nothing where another schema took its place meanwhile. */
  async function rebuild(seen: Seen): Promise<void> {
    const before = present;
    if (before?.seen.read !== seen.read) return;
    const view = await build({ ...before.view, read: seen.read });
    if (present?.seen.read !== seen.read) return;
    const { asOf, origin, stale, issues, stamp } = present.view;
    swap({ ...present, view: { ...view, asOf, origin, stale, issues, ...(stamp === undefined ? {} : { stamp }) } });
  }

  function storedOf(seen: Seen, version: string, asOf: string): StoredSchema {
    const { snapshot, statistics, identity, serverVersion } = seen.read;
    const { locator } = source;
    const { stamp } = seen;
    const where = { ...(locator === undefined ? {} : { locator }), ...(stamp === undefined ? {} : { stamp }) };
    return { format: 1, version, asOf, snapshot, statistics, identity, serverVersion, ...where };
  }

  return {
    present: () => present,
    pinned: () => pinned,
    evidence: () => evidence,
    load: () => (loaded ??= load()),
    build,
    swap,
    renew: (next) => {
      present = next;
    },
    async takeEvidence(found, seen) {
      evidence = found;
      await rebuild(seen);
    },
    async reloadDecisions() {
      decisions = await loadDecisions(deps.state, source.name);
      if (present !== undefined) await rebuild(present.seen);
    },
    async pin(stored) {
      const view = await fromStored(stored, "static");
      pinned = view;
      return view;
    },
    unpin() {
      pinned = undefined;
    },
    async keep(seen, version, asOf) {
      try {
        await keepSchema(storedOf(seen, version, asOf));
      } catch (cause) {
        deps.emit({ event: "failure", where: "catalog.keep", cause });
      }
    },
    stored: () => (present === undefined ? undefined : storedOf(present.seen, present.view.version, present.view.asOf)),
  };
}
