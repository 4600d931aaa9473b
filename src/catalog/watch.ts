/**
 * Watches one source for changes, however many clients there are: a cheap stamp at an interval that adapts, and the database's own
 * signals where it sends them. Signals are debounced, leading and trailing: at most two refreshes a window. Every look that finds
 * something calls `refresh`, and what that returns is given to subscribers in order, once. It reads no clock: timers are arguments.
 */

import type { ChangeSignal, ChangeStamp, Connector, Listening } from "../databases/connector.js";
import { SextantError } from "../issue.js";
import { nextInterval } from "./interval.js";

export interface WatchSettings {
  /** Bounds of the interval between polls of the stamp, in ms: shorter after a change, longer without one. */
  readonly intervalMinMs: number;
  readonly intervalMaxMs: number;
  /** Signals within this window share a refresh at its start and one at its end, in ms. */
  readonly debounceMs: number;
  /** After a failed poll or listener the next try waits this long, doubling up to `retryMaxMs`, in ms. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Whether the database's signals are listened to, where it can send them. */
  readonly listen: boolean;
}

export const defaultWatch: WatchSettings = {
  intervalMinMs: 1_000,
  intervalMaxMs: 30_000,
  debounceMs: 100,
  retryMinMs: 500,
  retryMaxMs: 32_000,
  listen: true,
};

/** Above this many relations in one refresh, everything is looked at. */
const maxTold = 1_000;

export interface Timers {
  /** Calls back after `ms`; returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export interface WatchOptions<Batch> {
  readonly connector: Pick<Connector, "stamp" | "listen">;
  readonly settings: WatchSettings;
  /**
   * Looks again and records; what it returns goes to subscribers, undefined where nothing changed. Throws where the database could not be
   * looked at: it is then tried again. Never called twice at once. With `told` the database has said what alone changed.
   */
  refresh(causes: readonly ChangeSignal[], told?: readonly string[]): Promise<Batch | undefined>;
  onChange(batch: Batch): void;
  /** A change was found by polling that the listener should have announced: its trigger is gone, disabled or bypassed. */
  onDetectorBlind(): void;
  onFailure(where: "poll" | "listen" | "refresh", cause: unknown): void;
  readonly timers: Timers;
}

export interface WatchStatus {
  /** `notify`: the database announces changes and polling backs it; `poll`: polling alone; `off`: not started or stopped. */
  readonly mode: "notify" | "poll" | "off";
  /** Milliseconds between polls at present. */
  readonly intervalMs?: number;
}

export interface Watcher {
  /** Starts polling and listening. Returns at once; failures go to `onFailure` and are retried. */
  start(): void;
  /** Looks now, without waiting for the interval. Resolves when the look and its refresh are done. */
  look(): Promise<void>;
  status(): WatchStatus;
  /** Stops and waits for what runs. */
  stop(): Promise<void>;
}

export function createWatcher<Batch>(options: WatchOptions<Batch>): Watcher {
  return new SourceWatcher(options);
}

class SourceWatcher<Batch> implements Watcher {
  private state: "off" | "on" = "off";
  private intervalMs: number;
  private lastStamp: string | undefined;
  private causes: ChangeSignal[] = [];
  /** What signals have told since the last refresh: `anything` where one of them did not say. */
  private told: Set<string> | "anything" = new Set();
  /** A poll is due soon that sees whether what was told was all. */
  private verifying = false;
  private running: Promise<void> = Promise.resolve();
  private cancelPoll: (() => void) | undefined;
  private cancelWindow: (() => void) | undefined;
  private cancelListen: (() => void) | undefined;
  private trailing = false;
  private listening: Listening | undefined;
  private listenFailures = 0;
  /** Code of the failure that was reported last. */
  private listenFailure = "";
  /** Polls and refreshes that failed in a row. */
  private failures = 0;
  /** Signals heard since the last poll: a change without any was not announced. */
  private heard = 0;

  constructor(private readonly options: WatchOptions<Batch>) {
    this.intervalMs = options.settings.intervalMinMs;
  }

  start(): void {
    if (this.state === "on") return;
    this.state = "on";
    this.schedulePoll(0);
    if (this.options.settings.listen && this.options.connector.listen !== undefined) void this.openListener();
  }

  look(): Promise<void> {
    return this.queued(() => this.poll());
  }

  status(): WatchStatus {
    if (this.state === "off") return { mode: "off" };
    return { mode: this.hears() ? "notify" : "poll", intervalMs: this.intervalMs };
  }

  private hears(): boolean {
    return this.listening?.hears() === true;
  }

  async stop(): Promise<void> {
    this.state = "off";
    for (const cancel of [this.cancelPoll, this.cancelWindow, this.cancelListen]) cancel?.();
    const listener = this.listening;
    this.listening = undefined;
    await listener?.stop();
    await this.running;
  }

  /** One after another: two refreshes never overlap, and batches keep their order. */
  private queued(act: () => Promise<void>): Promise<void> {
    this.running = this.running.then(act);
    return this.running;
  }

  private schedulePoll(ms: number): void {
    this.cancelPoll?.();
    if (this.state === "off") return;
    this.cancelPoll = this.options.timers.after(ms, () => {
      void this.queued(() => this.poll()).then(() => this.schedulePoll(this.nextPollMs()));
    });
  }

  private nextPollMs(): number {
    const { retryMinMs, retryMaxMs } = this.options.settings;
    return this.failures === 0 ? this.intervalMs : backOff(this.failures, retryMinMs, retryMaxMs);
  }

  private async poll(): Promise<void> {
    const heard = this.heard;
    this.heard = 0;
    this.verifying = false;
    let stamp: string;
    try {
      stamp = stampText(await this.options.connector.stamp());
    } catch (cause) {
      this.failures++;
      this.options.onFailure("poll", cause);
      return;
    }
    const first = this.lastStamp === undefined;
    const changed = stamp !== this.lastStamp;
    this.intervalMs = nextInterval(this.intervalMs, changed && !first, this.options.settings);
    if (!changed) {
      this.failures = 0;
      return;
    }
    const found = await this.refresh(undefined);
    // A refresh that failed leaves the old stamp: the next poll tries again, and nothing is lost.
    if (found === "failed") return;
    this.lastStamp = stamp;
    if (found === "changed" && !first && this.hears() && heard + this.heard === 0) {
      this.options.onDetectorBlind();
    }
  }

  private async refresh(told: readonly string[] | undefined): Promise<"changed" | "same" | "failed"> {
    const { causes } = this;
    this.causes = [];
    this.told = new Set();
    try {
      const batch = await this.options.refresh(causes, told);
      this.failures = 0;
      if (batch === undefined) return "same";
      this.options.onChange(batch);
      return "changed";
    } catch (cause) {
      this.failures++;
      this.causes = [...causes, ...this.causes];
      this.told = "anything";
      this.options.onFailure("refresh", cause);
      return "failed";
    }
  }

  /** The first signal refreshes at once; those that follow within the window share one refresh at its end. */
  private signalled(signal: ChangeSignal): void {
    if (this.state === "off") return;
    this.heard++;
    // A signal without an author only says that the listener was away: it wakes, and causes nothing.
    const { relations, ...cause } = signal;
    if (signal.author !== undefined) this.causes.push(cause);
    this.tell(relations);
    if (this.cancelWindow !== undefined) {
      this.trailing = true;
      return;
    }
    void this.queued(() => this.answer());
    this.openWindow();
  }

  private tell(relations: readonly string[] | undefined): void {
    if (relations === undefined) this.told = "anything";
    if (this.told === "anything") return;
    for (const relation of relations ?? []) this.told.add(relation);
    if (this.told.size > maxTold) this.told = "anything";
  }

  /**
   * A refresh that a signal asked for; where it fails, the next poll comes soon and still sees the change. One that looks only at what was
   * told is followed by a poll at the shortest interval: the change of one table can bring others (a sequence moves with its table).
   */
  private async answer(): Promise<void> {
    const told = this.told === "anything" ? undefined : [...this.told];
    if (told?.length === 0) return; // a poll has looked since
    const found = await this.refresh(told);
    if (found === "failed") this.schedulePoll(this.nextPollMs());
    else if (told !== undefined && !this.verifying) {
      this.verifying = true;
      this.schedulePoll(this.options.settings.intervalMinMs);
    }
  }

  private openWindow(): void {
    this.cancelWindow = this.options.timers.after(this.options.settings.debounceMs, () => {
      this.cancelWindow = undefined;
      if (!this.trailing || this.state === "off") return;
      this.trailing = false;
      void this.queued(() => this.answer());
      this.openWindow();
    });
  }

  private async openListener(): Promise<void> {
    const { connector, settings, timers, onFailure } = this.options;
    try {
      const listener = await connector.listen?.((signal) => this.signalled(signal));
      if (this.state === "off") return await listener?.stop();
      this.listening = listener;
      // What was announced while nobody listened is not told again: look once.
      if (this.listenFailures > 0) void this.look();
      this.listenFailures = 0;
      this.listenFailure = "";
    } catch (cause) {
      this.listenFailures++;
      // One that will not change by itself is said once, and tried again all the same: a standby may be promoted.
      const code = cause instanceof SextantError ? cause.code : "";
      if (code !== this.listenFailure) onFailure("listen", cause);
      this.listenFailure = code;
      const ms = backOff(this.listenFailures, settings.retryMinMs, settings.retryMaxMs);
      if (this.state === "on") this.cancelListen = timers.after(ms, () => void this.openListener());
    }
  }
}

function stampText(stamp: ChangeStamp): string {
  return `${stamp.schema}\u0000${stamp.access ?? ""}`;
}

function backOff(failures: number, minMs: number, maxMs: number): number {
  return Math.min(maxMs, minMs * 2 ** (failures - 1));
}
