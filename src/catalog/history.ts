/**
 * The history of a source's schema: append-only, over the state port, safe with several writers and through kill -9.
 * One record is one step from a version to the next, written in one append; a step counts only if its `parent` is the step that was last
 * when it was written, so that of two writers who saw the same change one wins and the other's record means nothing. Any kept version is
 * rebuilt from the nearest record that carries the whole snapshot. Keeps no stored values: snapshots hold none.
 */

import { applyChanges } from "../changes/apply.js";
import type { SchemaChange, Seen } from "../changes/change.js";
import { diffSnapshots } from "../changes/diff.js";
import { reviewText } from "../changes/review.js";
import { sameSchema } from "../changes/same.js";
import type { ChangeSignal } from "../databases/connector.js";
import { error, fail, ok, type Result } from "../issue.js";
import type { State } from "../state/state.js";
import { asStep, type ChainLink, chainOf, identityDelta, type StepBody, sameIdentity, withDelta } from "./chain.js";
import type { LiveSchema } from "./live.js";

export interface HistorySettings {
  /** Steps kept a source; older ones go. Default 10,000. */
  readonly keepSteps: number;
  /** Steps older than this go, in ms; 0 keeps them. Default 0. */
  readonly keepForMs: number;
  /** A whole snapshot is kept every so many steps. Default 100. */
  readonly snapshotEvery: number;
}

export const defaultHistory: HistorySettings = { keepSteps: 10_000, keepForMs: 0, snapshotEvery: 100 };

/** One step of a schema, from one version to the next. */
export interface HistoryStep {
  /** Rises with every step of any source. */
  readonly seq: number;
  /** When the new version was first seen: ISO 8601, UTC. */
  readonly at: string;
  /** Absent for the first step: where the record begins. */
  readonly from?: string;
  readonly to: string;
  readonly changes: readonly SchemaChange[];
  /** Who changed it and by which statements, where the database told. */
  readonly causes?: readonly ChangeSignal[];
}

/** A change with its id and time, as tools show it. */
export interface HistoryEntry {
  /** Stable: the step's number and the change's within it. */
  readonly id: string;
  readonly at: string;
  readonly change: SchemaChange;
  readonly author?: string;
  readonly statement?: string;
}

export interface ChangesSince {
  readonly fromVersion: string;
  readonly toVersion: string;
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
}

export interface ReplayedStep {
  readonly step: HistoryStep;
  readonly before: Seen;
  readonly after: Seen;
}

export interface History {
  /**
   * Writes the step from the last kept version to `live`; undefined where nothing changed or another writer was first. Where another
   * writer's step was read meanwhile, `live` may be older than that step: then `lookAgain` is asked for the schema of now, and where it
   * gives none, nothing is written.
   */
  record(live: LiveSchema, causes?: readonly ChangeSignal[], lookAgain?: LookAgain): Promise<HistoryStep | undefined>;
  /** The number of the last step; 0 where none is kept. */
  lastSeq(source: string): Promise<number>;
  /** All kept steps of a source after `afterSeq`, oldest first: what a replica that only listens reads. */
  steps(source: string, afterSeq?: number): Promise<readonly HistoryStep[]>;
  /** `since`: a version, an ISO time, "previous" (the last step), or undefined for everything kept. */
  changesSince(source: string, since: string | undefined): Promise<Result<ChangesSince>>;
  /** A kept version's snapshot with its identities. */
  version(source: string, version: string): Promise<Result<Seen>>;
  /** The steps from `fromSeq` to `toSeq` with the schema before and after each. */
  replay(source: string, fromSeq: number, toSeq: number): Promise<readonly ReplayedStep[]>;
  /** The changes between any two kept versions. */
  between(source: string, from: string, to: string): Promise<Result<readonly SchemaChange[]>>;
  /** Drops what the settings do not keep; returns how many steps went. */
  retain(source: string, nowMs: number): Promise<number>;
  /** One JSON object a line, oldest first. */
  exportLines(source: string): Promise<string>;
  /** The changes between two kept versions as a migration review in Markdown. */
  exportReview(source: string, from: string, to: string): Promise<Result<string>>;
}

/** The schema as the database has it now; undefined where it cannot be asked. */
export type LookAgain = () => Promise<LiveSchema | undefined>;

export function createHistory(state: State, settings: HistorySettings = defaultHistory): History {
  const sources = new Map<string, SourceHistory>();
  const of = (source: string) => {
    const known = sources.get(source) ?? new SourceHistory(state, source, settings);
    sources.set(source, known);
    return known;
  };
  return {
    record: (live, causes = [], lookAgain = undefined) => of(live.source).record(live, causes, lookAgain),
    lastSeq: (source) => of(source).lastSeq(),
    steps: (source, afterSeq = 0) => of(source).steps(afterSeq),
    changesSince: (source, since) => of(source).changesSince(since),
    version: (source, version) => of(source).version(version),
    replay: (source, fromSeq, toSeq) => of(source).replay(fromSeq, toSeq),
    between: (source, from, to) => of(source).between(from, to),
    retain: (source, nowMs) => of(source).retain(nowMs),
    exportLines: (source) => of(source).exportLines(),
    exportReview: (source, from, to) => of(source).exportReview(from, to),
  };
}

interface Head {
  readonly seq: number;
  readonly version: string;
  readonly at: string;
  seen: Seen;
}

/** Records read at once while the chain is loaded: bounds memory, not the number of steps. */
const pageSize = 200;
/** So often a step is tried against other writers; each try that fails means that one of them wrote. */
const raceTries = 20;

class SourceHistory {
  private links: readonly ChainLink[] = [];
  private loadedTo = 0;
  private all: ChainLink[] = [];
  private head: Head | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private reading: Promise<unknown> = Promise.resolve();
  /** Steps of other writers were read since the last look that was recorded. */
  private overtaken = false;

  constructor(
    private readonly state: State,
    private readonly source: string,
    private readonly settings: HistorySettings,
  ) {}

  record(
    live: LiveSchema,
    causes: readonly ChangeSignal[],
    lookAgain: LookAgain | undefined,
  ): Promise<HistoryStep | undefined> {
    if (!isOfNow(live)) return Promise.resolve(undefined);
    const next = this.queue.then(() => this.write(live, causes, lookAgain));
    this.queue = next.catch(() => undefined);
    return next;
  }

  async lastSeq(): Promise<number> {
    await this.catchUp();
    return this.links.at(-1)?.seq ?? 0;
  }

  async steps(afterSeq: number): Promise<readonly HistoryStep[]> {
    await this.catchUp();
    const valid = new Set(this.links.map((l) => l.seq));
    const found: HistoryStep[] = [];
    for await (const { seq, at, body } of this.bodies(afterSeq)) {
      if (valid.has(seq) && body.changes.length > 0) found.push(stepOf(seq, at, body));
    }
    return found;
  }

  async changesSince(since: string | undefined): Promise<Result<ChangesSince>> {
    await this.catchUp();
    const [first, last] = [this.links[0], this.links.at(-1)];
    if (first === undefined || last === undefined) return ok({ fromVersion: "", toVersion: "", entries: [] });
    const start = this.startOf(since);
    if (start === undefined) return fail(this.unknown(since ?? ""));
    const steps = await this.steps(start.afterSeq);
    return ok({ fromVersion: start.version, toVersion: last.to, entries: steps.flatMap(entriesOf) });
  }

  /** The version that `since` names and the step it came with. */
  private startOf(since: string | undefined): { version: string; afterSeq: number } | undefined {
    const first = this.links[0];
    if (first === undefined) return undefined;
    if (since === undefined) return { version: first.to, afterSeq: first.seq };
    if (since === "previous") {
      const at = this.links.findLastIndex((l) => l.count > 0);
      const before = at < 1 ? first : (this.links[at - 1] ?? first);
      return { version: before.to, afterSeq: before.seq };
    }
    const link = since.startsWith("sha256:") ? this.linkOf(since) : this.linkBefore(since);
    return link && { version: link.to, afterSeq: link.seq };
  }

  private linkOf(version: string): ChainLink | undefined {
    const exact = this.links.findLast((l) => l.to === version);
    if (exact !== undefined || version.length < "sha256:".length + 8) return exact;
    const fitting = this.links.filter((l) => l.to.startsWith(version));
    return new Set(fitting.map((l) => l.to)).size === 1 ? fitting.at(-1) : undefined;
  }

  /** The last step before a time; the first kept one where the time is earlier than all. */
  private linkBefore(time: string): ChainLink | undefined {
    const ms = Date.parse(time);
    if (!/^\d{4}-\d{2}/u.test(time) || Number.isNaN(ms)) return undefined;
    return this.links.findLast((l) => Date.parse(l.at) < ms) ?? this.links[0];
  }

  private unknown(since: string): ReturnType<typeof error> {
    const versions = [...new Set(this.links.map((l) => l.to))].slice(-5).reverse();
    const oldest = this.links[0]?.at ?? "";
    return error("unknown_version", `No schema version, time or word "${since}" is known of this source.`, {
      help: `Give a version, an ISO 8601 time, or "previous". The record begins ${oldest}.`,
      candidates: versions,
    });
  }

  async version(version: string): Promise<Result<Seen>> {
    await this.catchUp();
    const link = this.linkOf(version);
    const seen = link && (await this.rebuild(link));
    return seen === undefined ? fail(this.unknown(version)) : ok(seen);
  }

  async between(from: string, to: string): Promise<Result<readonly SchemaChange[]>> {
    const [a, b] = [await this.version(from), await this.version(to)];
    if (!a.ok) return a;
    return b.ok ? ok(diffSnapshots(a.value, b.value)) : b;
  }

  async retain(nowMs: number): Promise<number> {
    await this.catchUp();
    const { keepSteps, keepForMs } = this.settings;
    const byCount = Math.max(0, this.links.length - keepSteps);
    const young = this.links.findIndex((l) => Date.parse(l.at) >= nowMs - keepForMs);
    const byAge = keepForMs === 0 ? 0 : young < 0 ? this.links.length - 1 : young;
    // The oldest kept step must carry the whole snapshot, or the versions after it could not be rebuilt.
    const cut = this.links.findLastIndex((l, i) => i <= Math.max(byCount, byAge) && l.whole);
    const first = this.links[cut];
    if (cut <= 0 || first === undefined) return 0;
    const gone = await this.state.prune("change", this.source, { before: first.at });
    await this.readAgain();
    return gone;
  }

  async exportLines(): Promise<string> {
    const steps = await this.steps(0);
    return steps
      .flatMap((step) =>
        entriesOf(step).map((entry) => JSON.stringify({ source: this.source, from: step.from, to: step.to, ...entry })),
      )
      .join("\n");
  }

  async exportReview(from: string, to: string): Promise<Result<string>> {
    const [changes, last] = [await this.between(from, to), await this.version(to)];
    if (!changes.ok) return changes;
    if (!last.ok) return last;
    const { dialect } = last.value.snapshot;
    return ok(reviewText({ source: this.source, from, to, dialect, changes: changes.value }));
  }

  private async write(
    given: LiveSchema,
    causes: readonly ChangeSignal[],
    lookAgain: LookAgain | undefined,
  ): Promise<HistoryStep | undefined> {
    let live = given;
    for (let tries = 0; tries < raceTries; tries++) {
      await this.catchUp();
      const head = await this.loadHead();
      if (this.overtaken && head !== undefined && head.version !== live.version && lookAgain !== undefined) {
        // Cleared before the look: what is read while it runs makes it old again.
        this.overtaken = false;
        const again = await lookAgain();
        if (again === undefined || !isOfNow(again)) return undefined;
        live = again;
        continue;
      }
      this.overtaken = false;
      if (head !== undefined && head.version === live.version && sameIdentity(head.seen.identity, live.identity)) {
        head.seen = seenOf(live);
        return undefined;
      }
      const body = this.stepBody(head, live, causes);
      const at = head !== undefined && head.at > live.asOf ? head.at : live.asOf;
      const record = { kind: "change", scope: this.source, key: live.version, at, body } as const;
      const seq = (await this.state.append([record]))[0]?.seq;
      await this.catchUp(seq);
      if (seq === undefined || this.links.at(-1)?.seq !== seq) continue;
      this.head = { seq, version: live.version, at, seen: seenOf(live) };
      return head === undefined || body.changes.length === 0 ? undefined : stepOf(seq, at, body);
    }
    return undefined;
  }

  private stepBody(head: Head | undefined, live: LiveSchema, causes: readonly ChangeSignal[]): StepBody {
    const whole = { snapshot: live.snapshot, identity: live.identity };
    if (head === undefined) return { format: 1, parent: 0, to: live.version, changes: [], whole, ...stampOf(live) };
    const changes = diffSnapshots(head.seen, seenOf(live));
    const sinceWhole = this.links.length - 1 - this.links.findLastIndex((l) => l.whole);
    const rebuilt = applyChanges(changes, head.seen.snapshot);
    const complete = sinceWhole < this.settings.snapshotEvery && sameSchema(rebuilt, live.snapshot);
    return {
      format: 1,
      parent: head.seq,
      from: head.version,
      to: live.version,
      changes,
      ...(causes.length === 0 ? {} : { causes }),
      ...stampOf(live),
      ...(complete ? { identity: identityDelta(head.seen.identity, live.identity) } : { whole }),
    };
  }

  private async loadHead(): Promise<Head | undefined> {
    const last = this.links.at(-1);
    if (last === undefined) return undefined;
    if (this.head?.seq === last.seq) return this.head;
    const seen = await this.rebuild(last);
    this.head = seen && { seq: last.seq, version: last.to, at: last.at, seen };
    return this.head;
  }

  private async rebuild(link: ChainLink): Promise<Seen | undefined> {
    if (this.head?.seq === link.seq) return this.head.seen;
    let seen: Seen | undefined;
    for await (const state of this.states(link.seq, link.seq)) seen = state.after;
    return seen;
  }

  async replay(fromSeq: number, toSeq: number): Promise<readonly ReplayedStep[]> {
    await this.catchUp();
    const found: ReplayedStep[] = [];
    for await (const { step, before, after } of this.states(fromSeq, toSeq)) {
      if (before !== undefined && step.seq >= fromSeq) found.push({ step, before, after });
    }
    return found;
  }

  /** The schema after each step up to `toSeq`, begun at the last whole one before `fromSeq`. */
  private async *states(
    fromSeq: number,
    toSeq: number,
  ): AsyncGenerator<{ step: HistoryStep; before: Seen | undefined; after: Seen }> {
    const start = this.links.findLast((l) => l.whole && l.seq < fromSeq) ?? this.links[0];
    if (start === undefined) return;
    const wanted = new Set(this.links.map((l) => l.seq));
    let seen: Seen | undefined;
    for await (const { seq, at, body } of this.bodies(start.seq - 1, toSeq)) {
      if (!wanted.has(seq)) continue;
      const before = seen;
      const stamp = body.stamp === undefined ? {} : { stamp: body.stamp };
      if (body.whole !== undefined) seen = { ...body.whole, ...stamp };
      else if (seen !== undefined) {
        const snapshot = applyChanges(body.changes, seen.snapshot);
        seen = { snapshot, ...withDelta(seen.identity, body.identity), ...stamp };
      }
      if (seen !== undefined) yield { step: stepOf(seq, at, body), before, after: seen };
    }
  }

  /** Reads the records that were written since the last time, by whoever, and follows the chain; `own`: the one that this writer wrote. */
  private catchUp(own?: number): Promise<void> {
    const next = this.reading.then(() => this.readNew(own));
    this.reading = next.catch(() => undefined);
    return next;
  }

  private async readNew(own: number | undefined): Promise<void> {
    let news = false;
    for await (const { seq, at, body } of this.bodies(this.loadedTo)) {
      const { parent, to, from, changes, whole } = body;
      this.all.push({
        seq,
        at,
        parent,
        to,
        ...(from === undefined ? {} : { from }),
        count: changes.length,
        whole: whole !== undefined,
      });
      this.loadedTo = seq;
      if (seq !== own) this.overtaken = true;
      news = true;
    }
    if (news) this.links = chainOf(this.all);
  }

  private readAgain(): Promise<void> {
    const next = this.reading.then(async () => {
      const { overtaken, loadedTo } = this;
      this.all = [];
      this.loadedTo = 0;
      await this.readNew(undefined);
      this.overtaken = overtaken || this.loadedTo > loadedTo;
    });
    this.reading = next.catch(() => undefined);
    return next;
  }

  private async *bodies(afterSeq: number, upTo?: number): AsyncGenerator<{ seq: number; at: string; body: StepBody }> {
    let after = afterSeq;
    for (;;) {
      const bounds = upTo === undefined ? {} : { beforeSeq: upTo + 1 };
      const page = await this.state.list({
        kind: "change",
        scope: this.source,
        afterSeq: after,
        ...bounds,
        order: "asc",
        limit: pageSize,
      });
      for (const record of page) {
        after = record.seq;
        const body = asStep(record.body);
        if (body !== undefined) yield { seq: record.seq, at: record.at, body };
      }
      if (page.length < pageSize) return;
    }
  }
}

function seenOf(live: LiveSchema): Seen {
  return {
    snapshot: live.snapshot,
    identity: live.identity,
    ...(live.stamp === undefined ? {} : { stamp: live.stamp }),
  };
}

function isOfNow(live: LiveSchema): boolean {
  return live.origin === "live" && !live.stale;
}

/** PostgreSQL's identities prove renames without it. */
function stampOf(live: LiveSchema): { readonly stamp?: { readonly schema: string } } {
  const { snapshot, stamp } = live;
  return snapshot.dialect === "sqlite" && stamp !== undefined ? { stamp: { schema: stamp.schema } } : {};
}

function stepOf(seq: number, at: string, body: StepBody): HistoryStep {
  return {
    seq,
    at,
    ...(body.from === undefined ? {} : { from: body.from }),
    to: body.to,
    changes: body.changes,
    ...(body.causes === undefined ? {} : { causes: body.causes }),
  };
}

/** The changes of a step as entries; author and statement where all its causes agree on one. */
export function entriesOf(step: HistoryStep): readonly HistoryEntry[] {
  const authors = [...new Set(step.causes?.map((c) => c.author).filter((a) => a !== undefined))];
  const statements = [...new Set(step.causes?.map((c) => c.statement).filter((s) => s !== undefined))];
  const cause = {
    ...(authors.length === 0 ? {} : { author: authors.join(", ") }),
    ...(statements.length === 0 ? {} : { statement: statements.join("; ") }),
  };
  return step.changes.map((change, i) => ({ id: `${step.seq}.${i + 1}`, at: step.at, change, ...cause }));
}
