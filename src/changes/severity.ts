/**
 * How a change bears on whoever reads: from the effect of its kind, refined where what changed decides. One table of refinements.
 * A silent change of meaning is never safe. Pure.
 */

import type { Column, Index, KeyConstraint } from "../schema/snapshot.js";
import type { ChangeSeverity, SchemaChange } from "./change.js";
import type { Draft } from "./draft.js";
import { type ChangeKind, changeKinds, type Effect, type Gate } from "./kinds.js";
import { typeEffect } from "./types.js";

export interface Judgement {
  readonly severity: ChangeSeverity;
  readonly effect: Effect;
  readonly gate: Gate;
}

const byEffect: Readonly<Record<Effect, Omit<Judgement, "effect">>> = {
  break: { severity: "breaking", gate: "exec" },
  silent: { severity: "risky", gate: "read" },
  policy: { severity: "risky", gate: "result" },
  write: { severity: "safe", gate: "none" },
  speed: { severity: "safe", gate: "none" },
  add: { severity: "safe", gate: "none" },
  note: { severity: "safe", gate: "none" },
};

/** The effect of one change, where more than its kind decides. */
const refinements: Partial<Record<ChangeKind, (change: Draft) => Effect>> = {
  column_type_changed: (c) => typeEffect(field(c.before, "type"), field(c.after, "type")),
  column_nullability_changed: (c) => ((c.after as Partial<Column>).nullable === true ? "silent" : "write"),
  column_default_changed: (c) => (field(c.after, "default") === "" ? "write" : "silent"),
  primary_key_changed: (c) => (c.before === undefined ? "write" : onlyRenamed(c) ? "note" : "silent"),
  foreign_key_added: (c) => (isCopy(c) ? "note" : "add"),
  foreign_key_removed: (c) => (isCopy(c) ? "note" : "silent"),
  foreign_key_changed: (c) => (isCopy(c) ? "note" : "silent"),
  index_removed: (c) => ((c.before as Index).unique ? "silent" : "speed"),
  index_changed: (c) => ((c.before as Index).unique && !sameKey(c) ? "silent" : "speed"),
  grant_changed: (c) => (closed(c) || c.place.part === "snapshot" ? "break" : "policy"),
  table_removed: (c) => (c.recreated === true ? "silent" : "break"),
  column_removed: (c) => (c.recreated === true ? "silent" : "break"),
  enum_removed: (c) => (c.recreated === true ? "silent" : "break"),
  domain_changed: (c) => (c.before === undefined ? "add" : c.after === undefined ? "break" : "silent"),
  function_changed: (c) => (field(c.before, "returns") === field(c.after, "returns") ? "silent" : "break"),
};

export function judge(change: Draft): Judgement {
  const effect = refinements[change.kind]?.(change) ?? changeKinds[change.kind].effect;
  return { effect, ...byEffect[effect] };
}

/** The changes that fail a gate: `exec` lets everything through but what breaks statements, `result` is the strictest. */
export function failGate(changes: readonly SchemaChange[], level: Exclude<Gate, "none">): readonly SchemaChange[] {
  const strictness: readonly Gate[] = ["exec", "read", "result"];
  const limit = strictness.indexOf(level);
  return changes.filter((c) => c.gate !== "none" && strictness.indexOf(c.gate) <= limit);
}

/** What the database keeps for one partition of a key's target follows the key and says nothing of its own. */
function isCopy(change: Draft): boolean {
  const part = "foreign_key_copy";
  return change.place.part === part && (change.formerPlace?.part ?? part) === part;
}

function field(piece: unknown, name: string): string {
  const value = (piece as Record<string, unknown> | undefined)?.[name];
  return typeof value === "string" ? value : "";
}

function onlyRenamed(change: Draft): boolean {
  const [old, now] = [change.before, change.after] as (Partial<KeyConstraint> | undefined)[];
  return JSON.stringify(old?.columns) === JSON.stringify(now?.columns);
}

function sameKey(change: Draft): boolean {
  const [old, now] = [change.before as Index, change.after as Index];
  const key = (i: Index) => JSON.stringify([i.unique, i.columns, i.partial, i.expression]);
  return key(old) === key(now);
}

/** The connected role may no longer read it. */
function closed(change: Draft): boolean {
  const unreadable = (piece: unknown) => (piece as { unreadable?: true } | undefined)?.unreadable === true;
  return !unreadable(change.before) && unreadable(change.after);
}
