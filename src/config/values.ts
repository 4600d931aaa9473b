/**
 * What a value in a layer stands for: `${ENV_NAME}` and `{ file: PATH }` become their text, relative paths become absolute against the file (or
 * folder) that named them. Never prints what it read.
 */

import { dirname, resolve } from "node:path";
import { error, type Issue } from "../issue.js";
import { isFileSecret, type Layer, mapLeaves } from "./layers.js";
import { hideInText, hideValue } from "./secrets.js";
import { settingAt } from "./settings.js";

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Reads a text file; throws when it cannot. */
  readonly readFile: (path: string) => string;
}

const urlSettings = [/^sources\.[^.]+\.(?:url|attach\.[^.]+)$/u, /^state\.url$/u, /^cache\.url$/u];
/** `${NAME}` and `${NAME:-DEFAULT}`. */
const reference = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/u;
const fileSettings = [/^glossary\.\d+$/u, /^sources\.[^.]+\.glossary\.\d+$/u];

export interface Expanded {
  readonly layer: Layer;
  /** What may be kept: references instead of what they lead to, and `***` where a secret stands in the text itself. */
  readonly keepable: Layer;
  readonly issues: readonly Issue[];
}

/** The layer with references followed and paths made absolute against `folder`. `mayRefer` says which paths may hold references. */
export function expandLayer(
  layer: Layer,
  folder: string,
  world: World,
  mayRefer: (path: readonly string[]) => boolean,
): Expanded {
  const issues: Issue[] = [];
  const report = (path: readonly string[], message: string, help: string): undefined => {
    const at = layer.file?.placeOf(path);
    issues.push(error("bad_config_value", `${path.join(".")}: ${message}`, { help, ...(at && { at }) }));
  };
  const expand = (leaf: unknown, path: readonly string[]): unknown => {
    const plain = mayRefer(path) ? followed(leaf, folder, world, (m, h) => report(path, m, h)) : leaf;
    return typeof plain === "string" ? absolute(plain, path.join("."), folder, world.home) : plain;
  };
  const value = mapLeaves(layer.value, expand);
  const found = issues.slice();
  const kept = mapLeaves(layer.value, (leaf, path) => keepable(leaf, expand(leaf, path), path, folder, world.home));
  return { layer: { ...layer, value }, keepable: { ...layer, value: kept }, issues: found };
}

/** Settings that hold a secret or may carry one in a URL. */
export function mayHoldSecret(path: readonly string[]): boolean {
  return settingAt(path)?.secret === true || urlSettings.some((pattern) => pattern.test(path.join(".")));
}

function keepable(raw: unknown, plain: unknown, path: readonly string[], folder: string, home: string): unknown {
  if (isFileSecret(raw)) return { file: absolutePath(raw.file, folder, home) };
  const isSecret = settingAt(path)?.secret === true || (typeof plain === "string" && hideInText(plain) !== plain);
  if (!isSecret || plain === null) return plain;
  return typeof raw === "string" && isOnlyReferred(raw, path) ? raw : hideValue(path, plain);
}

/** Whether every secret part of the text is a reference. One with a default has the default's text in it. */
function isOnlyReferred(raw: string, path: readonly string[]): boolean {
  const rest = raw.replaceAll(/\$\{[A-Za-z_]\w*\}/gu, "");
  return rest !== raw && (settingAt(path)?.secret === true ? rest === "" : hideInText(rest) === rest);
}

function followed(
  leaf: unknown,
  folder: string,
  world: World,
  report: (message: string, help: string) => undefined,
): unknown {
  if (isFileSecret(leaf)) {
    try {
      return world.readFile(absolutePath(leaf.file, folder, world.home)).replace(/\r?\n$/u, "");
    } catch {
      return report("the file that holds the value cannot be read.", "Check the path and its rights.");
    }
  }
  if (typeof leaf !== "string") return leaf;
  return leaf.replaceAll(new RegExp(reference, "gu"), (whole, name: string, fallback?: string) => {
    const found = world.env[name] ?? fallback;
    if (found === undefined)
      report(`the environment variable ${name} is not set.`, `Set ${name}, or write \${${name}:-DEFAULT}.`);
    return found ?? whole;
  });
}

function absolute(value: string, path: string, folder: string, home: string): string {
  if (fileSettings.some((pattern) => pattern.test(path))) return absolutePath(value, folder, home);
  if (value.startsWith("sqlite:") && urlSettings.some((pattern) => pattern.test(path))) {
    return `sqlite:${absolutePath(sqlitePath(value), folder, home)}`;
  }
  return value;
}

/** `sqlite:PATH` and `sqlite:///PATH` alike. */
function sqlitePath(url: string): string {
  return url.slice("sqlite:".length).replace(/^\/\/(?=\/)/u, "");
}

export function absolutePath(path: string, folder: string, home: string): string {
  if (path === ":memory:") return path;
  return path === "~" || path.startsWith("~/") ? resolve(home, path.slice(2)) : resolve(folder, path);
}

export function folderOf(path: string): string {
  return dirname(path);
}
