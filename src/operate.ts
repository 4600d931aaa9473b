/** The commands for people who run the server: freeze, thaw, backup, restore, import-static, watch, learn. Each prints what it did as JSON. */

import { readFileSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { importStatic, type SchemaCheck } from "./config/import-static.js";
import type { LoadedConfig } from "./config/load.js";
import { connectorSettings } from "./config/rooms.js";
import type { ConnectorSettings } from "./databases/settings.js";
import { installWatch, removeWatch, type WatchStatus, watchStatus } from "./databases/watch.js";
import { error, fail, type Issue, ok, type Result } from "./issue.js";
import { type ActRequest, actOnModels, modelsOf } from "./learning/models.js";
import { learningReport } from "./learning/report.js";
import { trainCorrection } from "./learning/trainer.js";
import { printRef, resolveRef } from "./schema/names.js";
import type { SchemaSnapshot } from "./schema/snapshot.js";
import { callTool } from "./server/tool-calls.js";
import { backup, restore } from "./state/backup.js";
import { openState } from "./state/open.js";
import { nearestNames } from "./terms/nearest.js";
import { type Call, pickSource } from "./tools/tool.js";
import type { Running } from "./wire.js";

const call: Call = {
  signal: new AbortController().signal,
  progress: () => undefined,
  caller: { user: "operator", role: "admin" },
};

export interface OperateOptions {
  readonly dryRun?: boolean;
  /** The source that is meant. */
  readonly name?: string;
  /** Why a model is promoted, compared or taken back. */
  readonly reason?: string;
  /** Where import-static writes the glossary. */
  readonly out?: string;
}

export type OperationName =
  | "freeze"
  | "thaw"
  | "backup"
  | "import-static"
  | "watch-install"
  | "watch-remove"
  | "watch-status"
  | LearnOperation;

type LearnOperation = `learn-${"status" | "train" | ActRequest["act"]}`;

/** Installs, removes or reports the event triggers that announce DDL, in each PostgreSQL source or the named one. */
function triggers(act: (settings: ConnectorSettings) => Promise<WatchStatus>): Operation {
  return async (running, _word, { name }) => {
    const sources = running.config.current().sources.filter((s) => s.dialect === "postgres");
    const chosen = name === undefined ? sources : sources.filter((s) => s.name === name);
    if (chosen.length === 0) {
      const help = "Name a PostgreSQL source; SQLite files are watched without triggers.";
      return fail(
        error("unknown_source", "There is no such PostgreSQL source.", {
          help,
          candidates: sources.map((s) => s.name),
        }),
      );
    }
    const done = await Promise.all(chosen.map(async (s) => [s.name, await act(connectorSettings(s))] as const));
    return ok(Object.fromEntries(done));
  };
}

/** The kept changes of a source: each as a line of JSON, or from a version or time to now as a migration review in Markdown. */
export async function changesText(
  { app }: Running,
  form: "log" | "review",
  since: string | undefined,
  name: string | undefined,
): Promise<Result<string>> {
  const source = pickSource(app.deps, name);
  if (!source.ok) return source;
  const { history } = app.deps;
  if (history === undefined) return fail(error("switched_off", "No history is kept here."));
  const live = await app.deps.live(source.value, { call, refresh: true });
  if (!live.ok) return live;
  await history.record(live.value);
  if (form === "log") return ok(await history.exportLines(source.value), live.warnings);
  const found = await history.changesSince(source.value, since);
  if (!found.ok) return found;
  return history.exportReview(source.value, found.value.fromVersion, found.value.toVersion);
}

type Operation = (running: Running, word: string, options: OperateOptions) => Promise<Result<object>>;

/** By command; `word` is the operand: a reason or a file. */
export const operations: Readonly<Record<OperationName, Operation>> = {
  "watch-install": triggers(installWatch),
  "watch-remove": triggers(removeWatch),
  "watch-status": triggers(watchStatus),
  "learn-status": async (running, _word, { name }) => {
    const source = pickSource(running.app.deps, name);
    if (!source.ok) return source;
    const { learning, state } = running;
    return ok(learningReport(source.value, await learning.log(source.value), await modelsOf(state, source.value)));
  },
  "learn-train": train,
  "learn-promote": actOn("promote"),
  "learn-rollback": actOn("rollback"),
  "learn-compare": actOn("compare"),
  "learn-stop": actOn("stop"),
  freeze: ({ freezer }, reason) => freezer.freeze("operator", reason || "no reason given"),
  thaw: ({ freezer }, reason) => freezer.thaw("operator", reason || "no reason given"),
  backup: async ({ state }, file) => ok(await backup(state, file, new Date().toISOString())),
  "import-static": importFile,
};

const frozen = error(
  "switched_off",
  "What answers rest on does not change while the server is frozen, or with terms.learn off.",
);

function mayLearn({ freezer, config }: Running): boolean {
  return freezer.status() === undefined && config.current().config.terms.learn;
}

/** Trains the next correction from feedback and measures it; it answers only once promoted. */
async function train(running: Running, _word: string, { name }: OperateOptions): Promise<Result<object>> {
  const { deps } = running.app;
  const source = pickSource(deps, name);
  if (!source.ok) return source;
  if (!mayLearn(running)) return fail(frozen);
  const live = await deps.live(source.value, { call });
  if (!live.ok) return live;
  const { learning, state } = running;
  const { verdicts, renames } = await learning.log(source.value);
  const { champion } = await learning.rankers(source.value);
  const { version, provenance, weights } = await trainCorrection({
    state,
    source: source.value,
    view: live.value,
    glossary: deps.glossary(source.value),
    verdicts,
    renames,
    settings: learning.settings(),
    champion,
    author: call.caller.user,
    nowMs: Date.now(),
    pause: nextTurn,
  });
  return ok({
    version,
    weights: Object.keys(weights).length,
    may_answer: provenance.refusals.length === 0,
    provenance,
  });
}

/** Changes which correction answers, or which is compared with it; `word` is a model's version, the newest where absent. */
function actOn(act: ActRequest["act"]): Operation {
  return async (running, word, { name, reason }) => {
    const source = pickSource(running.app.deps, name);
    if (!source.ok) return source;
    if (!mayLearn(running)) return fail(frozen);
    if (!/^\d*$/u.test(word)) return fail(error("invalid_argument", `A model's version is a number, not "${word}".`));
    const { acts } = await running.learning.log(source.value);
    return actOnModels(running.state, source.value, acts, {
      act,
      ...(word === "" ? {} : { version: Number(word) }),
      author: call.caller.user,
      reason: reason ?? "no reason given",
      at: new Date().toISOString(),
    });
  };
}

/** Restores a backup into a state that is still empty: before anything is wired, which would write to it. */
export async function restoreBackup(loaded: LoadedConfig, file: string): Promise<object> {
  const state = await openState(loaded.stateUrl);
  try {
    return await restore(state, file);
  } finally {
    await state.close();
  }
}

/** Reads a hand-kept static configuration and writes the glossary that holds against the live schema, unless it is a dry run. */
async function importFile(running: Running, file: string, options: OperateOptions): Promise<Result<object>> {
  const { deps } = running.app;
  const source = pickSource(deps, options.name);
  if (!source.ok) return source;
  const live = await deps.live(source.value, { call });
  if (!live.ok) return live;
  const check = checkOf(running, source.value, live.value.snapshot);
  const report = await importStatic(file, readFileSync(file, "utf8"), check);
  if (!report.ok) return report;
  const { yaml, entries } = report.value;
  const written = options.dryRun === true ? undefined : (options.out ?? "glossary.yaml");
  if (written !== undefined) writeFileSync(written, yaml, { flag: "wx", mode: 0o600 });
  return ok({ written: written ?? null, entries }, report.warnings);
}

function checkOf(running: Running, source: string, snapshot: SchemaSnapshot): SchemaCheck {
  const names = snapshot.tables.flatMap((t) => [
    printRef(snapshot, t),
    ...t.columns.map((c) => printRef(snapshot, t, c.name)),
  ]);
  return {
    ref: (ref) => {
      const exists = resolveRef(snapshot, ref) !== undefined;
      return { exists, candidates: exists ? [] : nearestNames(ref, names, 3) };
    },
    async statement(sql) {
      const tool = running.app.tools.find((t) => t.name === "validate_query");
      if (tool === undefined) return [];
      const reply = await callTool(running.app, tool, { source, sql, explain: false }, call);
      const issues = (reply.structuredContent.issues ?? []) as readonly Issue[];
      return issues.filter((issue) => issue.severity === "error");
    },
  };
}
