/**
 * Reads a source's change records as they come, by whoever wrote them, and follows the chain: which steps count, and the schema after each.
 * It writes nothing.
 */

import { applyChanges } from "../changes/apply.js";
import type { Seen } from "../changes/change.js";
import type { State } from "../state/state.js";
import { asStep, type ChainLink, chainOf, type HistoryStep, type StepBody, stepOf, withDelta } from "./chain.js";

/** Records read at once: bounds memory, not the number of steps. */
const pageSize = 200;

export class ChainLog {
  /** The steps that count, oldest first, as far as they were read. */
  links: readonly ChainLink[] = [];
  /** When a step of another writer was last read, on the monotonic clock, ms. */
  othersAt = Number.NEGATIVE_INFINITY;
  private loadedTo = 0;
  private all: ChainLink[] = [];
  private reading: Promise<unknown> = Promise.resolve();
  /** The last whole schema that came by, for to read a large one takes long: held where most of it is the present one's too. */
  private whole: { readonly seq: number; readonly seen: WeakRef<Seen>; readonly held?: Seen } | undefined;

  constructor(
    private readonly state: Pick<State, "list">,
    private readonly source: string,
  ) {}

  /** Reads the records that were written since the last time, by whoever, and follows the chain; `own`: the one that this writer wrote. */
  catchUp(own?: number): Promise<void> {
    const next = this.reading.then(() => this.readNew(own));
    this.reading = next.catch(() => undefined);
    return next;
  }

  /** After records were dropped. */
  readAgain(): Promise<void> {
    const next = this.reading.then(async () => {
      const { othersAt, loadedTo } = this;
      this.all = [];
      this.loadedTo = 0;
      await this.readNew(undefined);
      if (this.loadedTo <= loadedTo) this.othersAt = othersAt;
    });
    this.reading = next.catch(() => undefined);
    return next;
  }

  /** The whole schema that this process wrote in step `seq`. */
  hold(seq: number, seen: Seen): void {
    this.whole = { seq, seen: new WeakRef(seen), held: seen };
  }

  /** The whole schema of a step, where it need not be read again. */
  wholeOf(seq: number): Seen | undefined {
    return this.whole?.seq === seq ? this.whole.seen.deref() : undefined;
  }

  /** The schema after each step up to `toSeq`, begun at the last whole one before `fromSeq`: that one itself only where it had to be read. */
  async *states(
    fromSeq: number,
    toSeq: number,
  ): AsyncGenerator<{ step: HistoryStep; before: Seen | undefined; after: Seen }> {
    const start = this.links.findLast((l) => l.whole && l.seq < fromSeq) ?? this.links[0];
    if (start === undefined) return;
    const wanted = new Set(this.links.map((l) => l.seq));
    let seen = this.wholeOf(start.seq);
    for await (const { seq, at, body } of this.bodies(seen === undefined ? start.seq - 1 : start.seq, toSeq)) {
      if (!wanted.has(seq)) continue;
      const before = seen;
      const stamp = body.stamp === undefined ? {} : { stamp: body.stamp };
      if (body.whole !== undefined) {
        seen = { ...body.whole, ...stamp };
        if (this.whole?.held === undefined) this.whole = { seq, seen: new WeakRef(seen) };
      } else if (seen !== undefined) {
        const snapshot = applyChanges(body.changes, seen.snapshot);
        seen = { snapshot, ...withDelta(seen.identity, body.identity), ...stamp };
      }
      if (seen !== undefined) yield { step: stepOf(seq, at, body), before, after: seen };
    }
  }

  async *bodies(afterSeq: number, upTo?: number): AsyncGenerator<{ seq: number; at: string; body: StepBody }> {
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
      if (seq !== own) this.othersAt = performance.now();
      news = true;
    }
    if (news) this.links = chainOf(this.all);
  }
}
