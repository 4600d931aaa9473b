/**
 * A server watched through trouble: DDL step after DDL step on a real database, while the server's connections are cut and its process is
 * killed and started again. What its history says of each step is held against what the generator did: nothing lost, nothing twice.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createHistory, type History } from "../../src/catalog/history.js";
import { applyChanges } from "../../src/changes/apply.js";
import type { SchemaChange } from "../../src/changes/change.js";
import type { Connector } from "../../src/databases/connector.js";
import { fingerprint } from "../../src/schema/normal-form.js";
import { openState } from "../../src/state/open.js";

/** A step of DDL with the marks that must be said of it, as `marksOf` writes them; `*`: whatever, as long as the schema comes out right. */
export interface SoakStep {
  readonly sql: readonly string[];
  readonly marks: readonly string[];
}

export interface SoakOptions {
  /** Arguments of `node` that start the server, the source and state among them. */
  readonly server: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly source: string;
  /** `sqlite:PATH`, the server's own. */
  readonly stateUrl: string;
  /** Looks at the database beside the server. */
  readonly connector: Connector;
  readonly steps: number;
  next(): SoakStep;
  run(sql: readonly string[]): Promise<void>;
  /** Cuts the server's connections; absent where it has none. */
  readonly cut?: () => Promise<void>;
  /** Every so many steps the server's connections are cut; its process is killed. */
  readonly cutEvery: number;
  readonly killEvery: number;
  /** 0 to 1, from a seed. */
  random(): number;
}

export interface SoakReport {
  readonly steps: number;
  readonly events: number;
  readonly kills: number;
  readonly cuts: number;
  /** Marks that history never said, that it said though nothing of the kind happened or again, and breaks in its chain. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly broken: readonly string[];
}

/** How long a step may take to be recorded, a restart of the server included, ms. */
const patienceMs = 60_000;
const lookEveryMs = 5;
/** Trouble falls so long after the commit at most, ms: around when the server looks. */
const troubleWithinMs = 120;

/** What a diff says, a mark a change: `kind object`, with ` < former` for a rename. */
export function marksOf(changes: readonly SchemaChange[]): readonly string[] {
  return changes.map(({ kind, object, renamedFrom, place }) => {
    const former = kind.endsWith("_renamed") && place.part !== "enum" ? renamedFrom : undefined;
    return `${kind} ${object}${former === undefined ? "" : ` < ${former}`}`;
  });
}

/** Runs the steps one at a time, each with its trouble, and waits until history has it. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const state = await openState(options.stateUrl);
  const history = createHistory(state);
  const found = { lost: [] as string[], doubled: [] as string[], broken: [] as string[] };
  let [events, kills, cuts] = [0, 0, 0];
  let server = start(options);
  try {
    await until(async () => (await history.version(options.source, await versionNow(options.connector))).ok);
    let seq = await history.lastSeq(options.source);
    const begin = await history.version(options.source, await versionNow(options.connector));
    if (!begin.ok) throw new Error("the first version is not kept");
    let composed = begin.value.snapshot;
    for (let i = 1; i <= options.steps; i++) {
      const step = options.next();
      const killed = i % options.killEvery === 0;
      const cut = !killed && options.cut !== undefined && i % options.cutEvery === 0;
      const early = options.random() < 0.5;
      const trouble = async (): Promise<void> => {
        if (!early) await pause(options.random() * troubleWithinMs);
        if (cut) await options.cut?.();
        if (killed) await kill(server);
      };
      if (early) await trouble();
      await options.run(step.sql);
      if (!early) await trouble();
      if (killed) server = start(options);
      kills += killed ? 1 : 0;
      cuts += cut ? 1 : 0;
      const was = fingerprint(composed);
      const steps = await reach(options, history, seq);
      if (steps[0] !== undefined && steps[0].from !== was) found.broken.push(`step ${i}: from another version`);
      for (const [at, recorded] of steps.entries()) {
        const before = steps[at - 1];
        if (before !== undefined && before.to !== recorded.from) found.broken.push(`step ${i}: ${recorded.seq}`);
        composed = applyChanges(recorded.changes, composed);
      }
      seq = steps.at(-1)?.seq ?? seq;
      const now = await versionNow(options.connector);
      if (fingerprint(composed) !== now) found.broken.push(`step ${i}: the changes do not make the schema`);
      const said = marksOf(steps.flatMap((s) => s.changes));
      events += said.length;
      if (step.marks.includes("*")) continue;
      found.lost.push(...without(step.marks, said).map((mark) => `step ${i}: ${mark}`));
      found.doubled.push(...without(said, step.marks).map((mark) => `step ${i}: ${mark}`));
    }
  } finally {
    await kill(server);
    await state.close();
  }
  return { steps: options.steps, events, kills, cuts, ...found };
}

/**
 * The steps after `seq`, once there are any and the last leads to the schema that the database has. A table dropped and created again leaves
 * the version as it was: its step leads from a version to itself.
 */
async function reach(options: SoakOptions, history: History, seq: number): ReturnType<History["steps"]> {
  const wanted = await versionNow(options.connector);
  let steps: Awaited<ReturnType<History["steps"]>> = [];
  await until(async () => {
    steps = await history.steps(options.source, seq);
    return steps.at(-1)?.to === wanted;
  });
  return steps;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("the server did not record the schema in time");
    await pause(lookEveryMs);
  }
}

async function versionNow(connector: Connector): Promise<string> {
  return fingerprint((await connector.inspect()).snapshot);
}

function without(these: readonly string[], those: readonly string[]): readonly string[] {
  const left = [...those];
  return these.filter((mark) => {
    const at = left.indexOf(mark);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function start(options: SoakOptions): ChildProcess {
  const child = spawn(process.execPath, options.server, {
    stdio: ["pipe", "ignore", "ignore"], // over stdio it serves until its input ends
    env: { ...plainEnvironment(), ...options.environment },
  });
  return child;
}

/** This process's environment without settings of Sextant: a server that a test starts is configured by its arguments alone. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SEXTANT_")));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
