/** Loads the fixed SQL of this dialect from the files beside it, each once. */

import { readFileSync } from "node:fs";

const loaded = new Map<string, string>();

export function statement(name: string): string {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`sql/${name}.sql`, import.meta.url), "utf8");
  loaded.set(name, text);
  return text;
}
