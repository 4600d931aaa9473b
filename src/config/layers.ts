/** Layers of configuration put on one another, with where each value came from. Later wins; objects merge, anything else replaces. Pure. */

import type { ParsedFile } from "./parse.js";

export interface Layer {
  /** As shown to people: `file sextant.json`, `environment SEXTANT_CACHE__URL`, `flag --http`. A function where each value has its own. */
  readonly origin: string | ((path: string) => string);
  readonly value: unknown;
  readonly file?: ParsedFile;
}

export interface Merged {
  readonly value: Readonly<Record<string, unknown>>;
  /** By path joined with `.`: the layer that set it. What is not here is a default. */
  readonly origins: ReadonlyMap<string, string>;
  readonly layers: ReadonlyMap<string, Layer>;
}

/** `null` in a layer takes back what earlier layers set. */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const origins = new Map<string, string>();
  const setBy = new Map<string, Layer>();
  let value: unknown = {};
  for (const layer of layers) {
    value = merged(value, layer.value, [], (path) => {
      const joined = path.join(".");
      origins.set(joined, typeof layer.origin === "string" ? layer.origin : layer.origin(joined));
      setBy.set(joined, layer);
    });
  }
  return { value: isObject(value) ? value : {}, origins, layers: setBy };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merged(
  below: unknown,
  above: unknown,
  path: readonly string[],
  note: (path: readonly string[]) => void,
): unknown {
  if (path.length > 0) note(path);
  if (!isObject(above)) return above;
  const entries = new Map(isObject(below) ? Object.entries(below) : []);
  for (const [key, value] of Object.entries(above)) {
    if (value === null) entries.delete(key);
    else entries.set(key, merged(entries.get(key), value, [...path, key], note));
  }
  // fromEntries defines properties, so that a key such as `__proto__` stays a mere (and then unknown) key.
  return Object.fromEntries(entries);
}

/** The same tree with every leaf changed; `path` is the leaf's own. Objects that `leaf` wants whole it takes through `whole`. */
export function mapLeaves(
  value: unknown,
  leaf: (value: unknown, path: readonly string[]) => unknown,
  path: readonly string[] = [],
): unknown {
  if (isObject(value) && !isFileSecret(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, mapLeaves(inner, leaf, [...path, key])]),
    );
  }
  if (Array.isArray(value)) return value.map((inner, index) => mapLeaves(inner, leaf, [...path, String(index)]));
  return leaf(value, path);
}

/** `{ file: PATH }`: a value kept in a file of its own. */
export function isFileSecret(value: unknown): value is { readonly file: string } {
  return isObject(value) && Object.keys(value).length === 1 && typeof value.file === "string";
}
