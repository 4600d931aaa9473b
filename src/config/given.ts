/** The layers that are no files: the `SEXTANT_` environment and the command line's flags, as partial configurations. Reads nothing itself. */

import { resolve } from "node:path";
import JSON5 from "json5";
import { z } from "zod";
import { error, type Issue, warning } from "../issue.js";
import type { Layer } from "./layers.js";
import { configSchema } from "./schema.js";
import { settingAt } from "./settings.js";
import { nearest } from "./validate.js";

/** What the command line may say. Strings as they were typed. */
export interface Flags {
  /** `NAME=URL`, repeatable. */
  readonly source?: readonly string[];
  readonly config?: string;
  /** `HOST:PORT`. */
  readonly http?: string;
  /** A folder, a URL or `memory`. */
  readonly state?: string;
  readonly logLevel?: string;
  readonly allowSuperuser?: boolean;
}

interface Given {
  readonly layer: Layer;
  readonly issues: readonly Issue[];
}

const prefix = "SEXTANT_";
/** Variables that are no settings: the overlay's name, the file's, and what tests and benchmarks ask for. */
const isReserved = (name: string): boolean => /^SEXTANT_(ENV|CONFIG|DATA|TEST_.*)$/u.test(name);
const sections = Object.keys(configSchema.shape);

/**
 * `SEXTANT_CACHE__MAX_BYTES=1000` is `cache.max_bytes`. A name that begins like no section is only warned about, because orchestrators
 * put variables of their own there (a Kubernetes service called `sextant` makes SEXTANT_PORT); a wrong name inside a section fails the check.
 */
export function environmentLayer(env: Readonly<Record<string, string | undefined>>): Given {
  const issues: Issue[] = [];
  const names = new Map<string, string>();
  let value: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || isReserved(name) || text === undefined) continue;
    const path = name.slice(prefix.length).toLowerCase().split("__");
    if (!sections.includes(path[0] ?? "")) {
      const near = nearest(path[0] ?? "", sections).map((section) => `${prefix}${section.toUpperCase()}`);
      issues.push(
        warning("unknown_setting", `The environment variable ${name} is no setting; it is ignored.`, {
          candidates: near,
        }),
      );
      continue;
    }
    names.set(path.join("."), name);
    value = withLeaf(value, path, typed(text, path));
  }
  return { layer: { value, origin: (path) => `environment ${names.get(path) ?? `${prefix}*`}` }, issues };
}

/** A variable's text as the setting's type wants it: text where text is allowed, else JSON5; a list may also be comma-separated. */
function typed(text: string, path: readonly string[]): unknown {
  const type = settingAt(path)?.type;
  if (type !== undefined && z.safeParse(type, text).success) return text;
  try {
    return JSON5.parse(text) as unknown;
  } catch {
    // Not JSON5: a plain list of words, or a text that the schema will refuse with its own words.
    return type instanceof z.ZodArray ? text.split(",").map((word) => word.trim()) : text;
  }
}

function withLeaf(
  tree: Readonly<Record<string, unknown>>,
  path: readonly string[],
  leaf: unknown,
): Record<string, unknown> {
  const [head = "", ...rest] = path;
  if (rest.length === 0) return { ...tree, [head]: leaf };
  const below = tree[head];
  return {
    ...tree,
    [head]: withLeaf((typeof below === "object" && below !== null ? below : {}) as Record<string, unknown>, rest, leaf),
  };
}

const flagOf: Readonly<Record<string, string>> = {
  sources: "--source",
  server: "--http",
  state: "--state",
  telemetry: "--log-level",
};

/** The flags but `--allow-superuser`, which speaks about sources of every layer (`superuserLayer`). */
export function flagsLayer(flags: Flags, cwd: string): Given {
  const issues: Issue[] = [];
  const sources: Record<string, { url: string }> = {};
  for (const given of flags.source ?? []) {
    const [, name, url] = /^([^=:/]+)=(.+)$/su.exec(given) ?? [];
    if (name === undefined || url === undefined) {
      issues.push(
        error("bad_config_value", "--source wants NAME=URL.", {
          help: "For example --source erp=postgres://user@host/db or --source crm=sqlite:./crm.db.",
        }),
      );
    } else if (name in sources) {
      issues.push(
        error("bad_config_value", `--source names "${name}" twice.`, { help: "Give each source a name of its own." }),
      );
    } else sources[name] = { url };
  }
  const value = {
    ...(Object.keys(sources).length > 0 && { sources }),
    ...(flags.http !== undefined && { server: { http: flags.http } }),
    ...(flags.state !== undefined && { state: { url: stateUrl(flags.state, cwd) } }),
    ...(flags.logLevel !== undefined && { telemetry: { log_level: flags.logLevel } }),
  };
  return { layer: { value, origin: (path) => `flag ${flagOf[path.split(".")[0] ?? ""] ?? ""}` }, issues };
}

/** `--allow-superuser`: said for every source that any layer named. */
export function superuserLayer(names: readonly string[]): Layer {
  const sources = Object.fromEntries(names.map((name) => [name, { allow_superuser: true }]));
  return { origin: "flag --allow-superuser", value: { sources } };
}

/** A folder means the file `sextant.db` in it. */
function stateUrl(given: string, cwd: string): string {
  return /^(memory:?$|sqlite:|postgres(ql)?:)/u.test(given) ? given : `sqlite:${resolve(cwd, given, "sextant.db")}`;
}
