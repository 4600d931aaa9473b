/** What differs between two configurations, what of it widens access, what waits for a restart, and the layer that leads from one to the other. Pure. */

import { isObject } from "./layers.js";
import type { Config } from "./schema.js";
import { settingAt } from "./settings.js";

export interface SettingChange {
  /** Joined with `.`. */
  readonly path: string;
  /** Absent where it was not set. Secrets are hidden already by those who store or show it. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Every setting that differs, by path in alphabetical order; lists count as one value. */
export function differenceOf(before: unknown, after: unknown): readonly SettingChange[] {
  const [old, young] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...old.keys(), ...young.keys()])]
    .sort()
    .filter((path) => !same(old.get(path), young.get(path)))
    .map((path) => ({
      path,
      ...(old.has(path) && { before: old.get(path) }),
      ...(young.has(path) && { after: young.get(path) }),
    }));
}

/** Paths whose change lets somebody see or do more. What cannot be told to narrow counts as widening. */
export function widening(changes: readonly SettingChange[]): readonly string[] {
  return changes
    .filter((change) => settingAt(change.path.split("."))?.guards === true && widens(change))
    .map(({ path }) => path);
}

/** Paths whose change takes effect at the next start only. */
export function waitingForRestart(changes: readonly SettingChange[]): readonly string[] {
  return changes.map(({ path }) => path).filter((path) => settingAt(path.split("."))?.restart === true);
}

/**
 * The layer that, put over `base`, gives `wanted`; undefined where they are the same. `null` takes back what `base` sets. Hidden secrets in
 * `wanted` are left as `base` has them: their paths are added to `skipped`.
 */
export function layerBetween(base: unknown, wanted: unknown, skipped: string[], path: readonly string[] = []): unknown {
  if (same(base, wanted)) return undefined;
  if (wanted === undefined) return null;
  if (!isObject(wanted)) {
    if (!JSON.stringify(wanted).includes("***")) return wanted;
    skipped.push(path.join("."));
    return undefined;
  }
  const below = isObject(base) ? base : {};
  const entries = [...new Set([...Object.keys(below), ...Object.keys(wanted)])]
    .map((key) => [key, layerBetween(below[key], wanted[key], skipped, [...path, key])] as const)
    .filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The new configuration with every setting that waits for a restart as it was at the start; sources come and go at a restart. */
export function inForce(started: Config, next: Config): Config {
  const kept = keep(started, next, []) as Config;
  const sources = Object.entries(started.sources).map(([name, source]) => [
    name,
    keep(source, next.sources[name] ?? source, ["sources", name]),
  ]);
  return { ...kept, sources: Object.fromEntries(sources) as Config["sources"] };
}

function keep(started: unknown, next: unknown, path: readonly string[]): unknown {
  if (settingAt(path)?.restart === true) return started;
  if (!isObject(next) || !isObject(started)) return next;
  const keys = new Set([...Object.keys(next), ...Object.keys(started)]);
  const entries = [...keys].map((key) => [key, keep(started[key], next[key], [...path, key])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Same JSON, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

function leavesOf(tree: unknown, path: readonly string[] = []): ReadonlyMap<string, unknown> {
  if (!isObject(tree)) return tree === undefined ? new Map() : new Map([[path.join("."), tree]]);
  return new Map(Object.entries(tree).flatMap(([key, value]) => [...leavesOf(value, [...path, key])]));
}

/** Lists that forbid: fewer entries allow more. All other lists allow. */
const forbids = /(^|\.)(deny_tables|deny_columns|exclude|classified_words)$/u;

function widens({ path, before, after }: SettingChange): boolean {
  if (Array.isArray(before) && (after === undefined || Array.isArray(after))) {
    const young = (after ?? []) as readonly unknown[];
    if (forbids.test(path)) return !includesAll(young, before);
    return after === undefined || !includesAll(before, young);
  }
  if (before === undefined && Array.isArray(after)) return !(forbids.test(path) || path.endsWith("allow_tables"));
  if (typeof before === "number" && typeof after === "number") return after > before;
  if (before === undefined && typeof after === "number") return false; // a bound where there was none
  return !(after === false || (after === "loopback" && before === true));
}

function includesAll(whole: readonly unknown[], part: readonly unknown[]): boolean {
  return part.every((entry) => whole.includes(entry));
}
