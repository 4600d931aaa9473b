/** A merged configuration checked against the schema; zod's findings turned into issues that name the setting, its origin, its place and the way out. Pure. */

import { distance } from "fastest-levenshtein";
import { error, fail, type Issue, ok, type Result } from "../issue.js";
import type { Merged } from "./layers.js";
import { type Config, configSchema } from "./schema.js";
import { namesBelow, settingAt, settings } from "./settings.js";

/** Checks types, ranges, unknown keys, and what settings say about one another. */
export function validateConfig(merged: Merged): Result<Config> {
  const parsed = configSchema.safeParse(merged.value);
  if (!parsed.success) return fail(...parsed.error.issues.flatMap((found) => issuesOf(found as Found, merged)));
  const contradictions = contradict(parsed.data, merged);
  return contradictions.length > 0 ? fail(...contradictions) : ok(parsed.data);
}

/** The names nearest to `name` by spelling, best first; at most three, none that is far off. Not `terms/nearest.ts`: a start must not load a lexicon. */
export function nearest(name: string, known: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  return known
    .map((candidate) => ({ candidate, away: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= Math.max(2, candidate.length / 2))
    .sort((a, b) => a.away - b.away || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

interface Found {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function issuesOf(found: Found, merged: Merged): readonly Issue[] {
  const path = found.path.map(String);
  if (found.code === "unrecognized_keys")
    return (found.keys ?? []).map((key) => unknownSetting([...path, key], merged));
  const name = path.join(".");
  const setting = settingAt(path);
  const said =
    found.code === "invalid_key" ? "the name may hold letters, digits, `_` and `-` only" : plain(found.message);
  return [
    error("bad_config_value", `${name || "The configuration"}: ${said} (${originOf(path, merged)}).`, {
      ...(setting?.description && { help: setting.description }),
      ...placed(path, merged),
    }),
  ];
}

/** The issue for a key that no schema knows: nearest sibling first, else the nearest setting anywhere. */
export function unknownSetting(path: readonly string[], merged: Merged): Issue {
  const parent = path.slice(0, -1);
  const key = path.at(-1) ?? "";
  const siblings = namesBelow(parent);
  const near = nearest(key, siblings);
  const elsewhere = settings.map((setting) => setting.path).filter((full) => full.split(".").at(-1) === key);
  const candidates = near.length > 0 ? near.map((name) => [...parent, name].join(".")) : elsewhere.slice(0, 3);
  const help =
    candidates[0] === undefined ? `Known here: ${siblings.join(", ") || "nothing"}.` : `Did you mean ${candidates[0]}?`;
  return error("unknown_setting", `There is no setting ${path.join(".")} (${originOf(path, merged)}).`, {
    help,
    candidates: candidates.length > 0 ? candidates : siblings,
    ...placed(path, merged),
  });
}

function contradict(config: Config, merged: Merged): readonly Issue[] {
  const issues: Issue[] = [];
  const names = Object.keys(config.sources);
  const bad = (path: string, message: string, candidates?: readonly string[]): void => {
    const at = path.split(".");
    issues.push(
      error("bad_config_value", `${path}: ${message} (${originOf(at, merged)}).`, {
        ...(candidates && { candidates }),
        ...placed(at, merged),
      }),
    );
  };
  const { default_source: preferred, cache, discovery, query } = config;
  if (preferred !== undefined && !names.includes(preferred)) {
    bad("default_source", `no source is named "${preferred}"`, nearest(preferred, names));
  }
  if (cache.min_ttl_ms > cache.max_ttl_ms) bad("cache.min_ttl_ms", "is above cache.max_ttl_ms");
  if (discovery.interval_min_ms > discovery.interval_max_ms) {
    bad("discovery.interval_min_ms", "is above discovery.interval_max_ms");
  }
  if (discovery.retry_min_ms > discovery.retry_max_ms) bad("discovery.retry_min_ms", "is above discovery.retry_max_ms");
  if (query.default_rows > query.max_rows) bad("query.default_rows", "is above query.max_rows");
  if (!isTimeZone(query.time_zone)) bad("query.time_zone", "is no IANA time zone");
  return issues;
}

/** The default is known without loading the tables of time zones, which costs a start more than all other checks. */
function isTimeZone(name: string): boolean {
  if (name === "UTC") return true;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Where a value was set; the nearest enclosing one for what is missing. */
function originOf(path: readonly string[], merged: Merged): string {
  for (let n = path.length; n > 0; n -= 1) {
    const origin = merged.origins.get(path.slice(0, n).join("."));
    if (origin !== undefined) return origin;
  }
  return "default";
}

function placed(path: readonly string[], merged: Merged): Pick<Issue, "at"> {
  for (let n = path.length; n > 0; n -= 1) {
    const layer = merged.layers.get(path.slice(0, n).join("."));
    const at = layer?.file?.placeOf(path);
    if (at !== undefined) return { at };
    if (layer !== undefined) return {};
  }
  return {};
}

function plain(message: string): string {
  return message
    .replace(/^Invalid (?:input|string): /u, "")
    .replace(/^Too (small|big): /u, "")
    .replace(/\.$/u, "");
}
