/**
 * The history of a source's schema: append-only, over the state port, safe with several writers and through kill -9.
 * One record is one step from a version to the next, written in one append; a step counts only if its `parent` is the step that was last
 * when it was written, so that of two writers who saw the same change one wins and the other's record means nothing. Any kept version is
 * rebuilt from the nearest record that carries the whole snapshot. Keeps no stored values: snapshots hold none.
 */

import { applyChanges } from "../changes/apply.js";
import type { SchemaChange, Seen } from "../changes/change.js";
import { diffing, diffSnapshots } from "../changes/diff.js";
import { reviewText } from "../changes/review.js";
import { sameSchema } from "../changes/same.js";
import type { ChangeSignal } from "../databases/connector.js";
import { error, fail, ok, type Result } from "../issue.js";
import type { State } from "../state/state.js";
import { type ChainLink, type HistoryStep, identityDelta, type StepBody, sameIdentity, stepOf } from "./chain.js";
import { ChainLog } from "./chain-log.js";
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
   * writer's step was read of late, or `live` is a schema that was there before, it may be older than the last step: then `lookAgain` is asked
   * for the schema of now, and where it gives none, nothing is written.
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

/** The schema by a look that begins now; undefined where the database cannot be asked. */
export type LookAgain = () => Promise<LiveSchema | undefined>;

export function createHistory(state: State, settings: HistorySettings = defaultHistory): History {
  const sources = new Map<string, SourceHistory>();
  const of = (source: string) => {
    const known = sources.get(source) ?? new SourceHistory(state, source, settings);
    sources.set(source, known);
    return known;
  };
  return {
    record: (live, causes = [], lookAgain) => of(live.source).record(live, causes, lookAgain),
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

/** The thread is given to others after this long, ms. */
const turnMs = 15;
/** A step of more changes than this keeps the whole schema: proving that they rebuild it would cost more. */
const wholeAbove = 1_000;
/** A schema that is given may have been looked at so long before, ms: another writer's step of that time may be the newer. */
const longestLookMs = 5_000;
/** So often a step is tried against other writers; each try that fails means that one of them wrote. */
const raceTries = 20;

class SourceHistory {
  private readonly log: ChainLog;
  private head: Head | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly state: State,
    private readonly source: string,
    private readonly settings: HistorySettings,
  ) {
    this.log = new ChainLog(state, source);
  }

  record(
    live: LiveSchema,
    causes: readonly ChangeSignal[],
    lookAgain: LookAgain | undefined,
  ): Promise<HistoryStep | undefined> {
    if (!isOfNow(live)) return Promise.resolve(undefined);
    const askedAt = performance.now();
    const next = this.queue.then(() => this.write(live, causes, lookAgain, askedAt));
    this.queue = next.catch(() => undefined);
    return next;
  }

  async lastSeq(): Promise<number> {
    await this.log.catchUp();
    return this.log.links.at(-1)?.seq ?? 0;
  }

  async steps(afterSeq: number): Promise<readonly HistoryStep[]> {
    await this.log.catchUp();
    // The first record is a whole schema and no change: large, and not read for nothing.
    const told = this.log.links.filter((l) => l.seq > afterSeq && l.count > 0);
    const [first] = told;
    if (first === undefined) return [];
    const valid = new Set(told.map((l) => l.seq));
    const found: HistoryStep[] = [];
    for await (const { seq, at, body } of this.log.bodies(first.seq - 1)) {
      if (valid.has(seq)) found.push(stepOf(seq, at, body));
    }
    return found;
  }

  async changesSince(since: string | undefined): Promise<Result<ChangesSince>> {
    await this.log.catchUp();
    const [first, last] = [this.log.links[0], this.log.links.at(-1)];
    if (first === undefined || last === undefined) return ok({ fromVersion: "", toVersion: "", entries: [] });
    const start = this.startOf(since);
    if (start === undefined) return fail(this.unknown(since ?? ""));
    const steps = await this.steps(start.afterSeq);
    return ok({ fromVersion: start.version, toVersion: last.to, entries: steps.flatMap(entriesOf) });
  }

  /** The version that `since` names and the step it came with. */
  private startOf(since: string | undefined): { version: string; afterSeq: number } | undefined {
    const first = this.log.links[0];
    if (first === undefined) return undefined;
    if (since === undefined) return { version: first.to, afterSeq: first.seq };
    if (since === "previous") {
      const at = this.log.links.findLastIndex((l) => l.count > 0);
      const before = at < 1 ? first : (this.log.links[at - 1] ?? first);
      return { version: before.to, afterSeq: before.seq };
    }
    const link = since.startsWith("sha256:") ? this.linkOf(since) : this.linkBefore(since);
    return link && { version: link.to, afterSeq: link.seq };
  }

  private linkOf(version: string): ChainLink | undefined {
    const exact = this.log.links.findLast((l) => l.to === version);
    if (exact !== undefined || version.length < "sha256:".length + 8) return exact;
    const fitting = this.log.links.filter((l) => l.to.startsWith(version));
    return new Set(fitting.map((l) => l.to)).size === 1 ? fitting.at(-1) : undefined;
  }

  /** The last step before a time; the first kept one where the time is earlier than all. */
  private linkBefore(time: string): ChainLink | undefined {
    const ms = Date.parse(time);
    if (!/^\d{4}-\d{2}/u.test(time) || Number.isNaN(ms)) return undefined;
    return this.log.links.findLast((l) => Date.parse(l.at) < ms) ?? this.log.links[0];
  }

  private unknown(since: string): ReturnType<typeof error> {
    const versions = [...new Set(this.log.links.map((l) => l.to))].slice(-5).reverse();
    const oldest = this.log.links[0]?.at ?? "";
    return error("unknown_version", `No schema version, time or word "${since}" is known of this source.`, {
      help: `Give a version, an ISO 8601 time, or "previous". The record begins ${oldest}.`,
      candidates: versions,
    });
  }

  async version(version: string): Promise<Result<Seen>> {
    await this.log.catchUp();
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
    await this.log.catchUp();
    const { keepSteps, keepForMs } = this.settings;
    const byCount = Math.max(0, this.log.links.length - keepSteps);
    const young = this.log.links.findIndex((l) => Date.parse(l.at) >= nowMs - keepForMs);
    const byAge = keepForMs === 0 ? 0 : young < 0 ? this.log.links.length - 1 : young;
    // The oldest kept step must carry the whole snapshot, or the versions after it could not be rebuilt.
    const cut = this.log.links.findLastIndex((l, i) => i <= Math.max(byCount, byAge) && l.whole);
    const first = this.log.links[cut];
    if (cut <= 0 || first === undefined) return 0;
    const gone = await this.state.prune("change", this.source, { before: first.at });
    await this.log.readAgain();
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
    askedAt: number,
  ): Promise<HistoryStep | undefined> {
    let live = given;
    let looksAfter = askedAt - longestLookMs;
    let lookedAgain = false;
    for (let tries = 0; tries < raceTries; tries++) {
      await this.log.catchUp();
      const head = await this.loadHead();
      const differs = head !== undefined && head.version !== live.version;
      const isOld =
        this.log.othersAt > looksAfter || (!lookedAgain && this.log.links.some((l) => l.to === live.version));
      if (differs && isOld && lookAgain !== undefined) {
        // What others write from here on makes the looks old again.
        looksAfter = performance.now();
        const again = await lookAgain();
        if (again === undefined || !isOfNow(again)) return undefined;
        live = again;
        lookedAgain = true;
        continue;
      }
      if (head !== undefined && head.version === live.version && sameIdentity(head.seen.identity, live.identity)) {
        head.seen = seenOf(live);
        return undefined;
      }
      const body = await this.stepBody(head, live, causes);
      const at = head !== undefined && head.at > live.asOf ? head.at : live.asOf;
      const record = { kind: "change", scope: this.source, key: live.version, at, body } as const;
      const seq = (await this.state.append([record]))[0]?.seq;
      await this.log.catchUp(seq);
      if (seq === undefined || this.log.links.at(-1)?.seq !== seq) continue;
      this.head = { seq, version: live.version, at, seen: seenOf(live) };
      if (body.whole !== undefined) this.log.hold(seq, this.head.seen);
      return head === undefined || body.changes.length === 0 ? undefined : stepOf(seq, at, body);
    }
    return undefined;
  }

  private async stepBody(head: Head | undefined, live: LiveSchema, causes: readonly ChangeSignal[]): Promise<StepBody> {
    const whole = { snapshot: live.snapshot, identity: live.identity };
    if (head === undefined) return { format: 1, parent: 0, to: live.version, changes: [], whole, ...stampOf(live) };
    const changes = await diffInTurns(head.seen, seenOf(live));
    const sinceWhole = this.log.links.length - 1 - this.log.links.findLastIndex((l) => l.whole);
    const few = sinceWhole < this.settings.snapshotEvery && changes.length <= wholeAbove;
    const complete = few && sameSchema(applyChanges(changes, head.seen.snapshot), live.snapshot);
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
    const last = this.log.links.at(-1);
    if (last === undefined) return undefined;
    if (this.head?.seq === last.seq) return this.head;
    const seen = await this.rebuild(last);
    this.head = seen && { seq: last.seq, version: last.to, at: last.at, seen };
    return this.head;
  }

  private async rebuild(link: ChainLink): Promise<Seen | undefined> {
    if (this.head?.seq === link.seq) return this.head.seen;
    let seen = this.log.wholeOf(link.seq);
    if (seen !== undefined) return seen;
    for await (const state of this.log.states(link.seq, link.seq)) seen = state.after;
    return seen;
  }

  async replay(fromSeq: number, toSeq: number): Promise<readonly ReplayedStep[]> {
    await this.log.catchUp();
    const found: ReplayedStep[] = [];
    for await (const { step, before, after } of this.log.states(fromSeq, toSeq)) {
      if (before !== undefined && step.seq >= fromSeq) found.push({ step, before, after });
    }
    return found;
  }
}

/** The diff, letting others have the thread every few milliseconds: of ten thousand tables it takes long. */
async function diffInTurns(before: Seen, after: Seen): Promise<readonly SchemaChange[]> {
  const work = diffing(before, after);
  let since = performance.now();
  for (;;) {
    const part = work.next();
    if (part.done === true) return part.value;
    if (performance.now() - since < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
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
