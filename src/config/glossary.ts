/** Glossary files read, checked and put together; wrong entries with their places. Whether a Ref exists in a schema is not asked here. */

import { readFileSync } from "node:fs";
import { error, fail, type Issue, ok, type Result } from "../issue.js";
import { emptyGlossary, type Glossary, glossaryFile } from "../terms/glossary.js";
import type { LoadedConfig } from "./load.js";
import { type ParsedFile, parseFile } from "./parse.js";

/** Every source's glossary as it is in force. */
export interface Glossaries {
  of(source: string): Glossary;
  /** The files behind them, absolute. */
  files(): readonly string[];
  /** Reads the files again, those that the configuration names now. Where one is wrong, all stay as they were. */
  reload(): Result<{ readonly changed: boolean }>;
}

/** Fails with what is wrong in the files. */
export function openGlossaries(config: () => Pick<LoadedConfig, "config" | "sources">): Result<Glossaries> {
  let glossaries: ReadonlyMap<string, Glossary> = new Map();
  const pathsOf = (source: { readonly glossary: readonly string[] }) => [
    ...config().config.glossary,
    ...source.glossary,
  ];
  const reload = (): Result<{ readonly changed: boolean }> => {
    const readFile = (path: string) => readFileSync(path, "utf8");
    const read = config().sources.map((s) => ({ name: s.name, made: loadGlossary(pathsOf(s), readFile) }));
    const issues = read.flatMap(({ made }) => (made.ok ? [] : made.issues));
    if (issues.length > 0) return fail(...issues);
    const young = new Map(read.map(({ name, made }) => [name, made.ok ? made.value : emptyGlossary]));
    const changed = JSON.stringify([...young]) !== JSON.stringify([...glossaries]);
    if (changed) glossaries = young;
    return ok({ changed });
  };
  const first = reload();
  if (!first.ok) return first;
  return ok({
    of: (source) => glossaries.get(source) ?? emptyGlossary,
    files: () => [...new Set(config().sources.flatMap(pathsOf))],
    reload,
  });
}

/** All of `paths` (absolute) as one glossary; a name may be defined once. */
export function loadGlossary(paths: readonly string[], readFile: (path: string) => string): Result<Glossary> {
  const issues: Issue[] = [];
  const metrics: Glossary["metrics"] = [];
  const terms: Glossary["terms"] = [];
  const seen = new Map<string, string>();
  for (const path of paths) {
    const read = readGlossary(path, readFile);
    if (!read.ok) {
      issues.push(...read.issues);
      continue;
    }
    const { file, glossary } = read.value;
    for (const kind of ["metrics", "terms"] as const) {
      for (const [index, { name }] of glossary[kind].entries()) {
        const key = name.toLowerCase();
        const first = seen.get(key);
        if (first !== undefined) issues.push(definedTwice(name, first, file, [kind, String(index), "name"]));
        seen.set(key, file.name);
      }
    }
    metrics.push(...glossary.metrics);
    terms.push(...glossary.terms);
  }
  return issues.length > 0 ? fail(...issues) : ok({ metrics, terms });
}

interface Read {
  readonly file: ParsedFile;
  readonly glossary: Glossary;
}

function readGlossary(path: string, readFile: (path: string) => string): Result<Read> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  let text: string;
  try {
    text = readFile(path);
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? "unreadable";
    return fail(
      error("bad_config", `The glossary file ${name} cannot be read (${code}).`, { help: "Check `glossary`." }),
    );
  }
  const parsed = parseFile(path, text);
  if (!parsed.ok) return parsed;
  const file = parsed.value;
  const checked = glossaryFile.safeParse(file.value);
  if (checked.success) return ok({ file, glossary: checked.data });
  return fail(
    ...checked.error.issues.map((found) => {
      const unknown = found.code === "unrecognized_keys" ? found.keys[0] : undefined;
      const where = [...found.path.map(String), ...(unknown === undefined ? [] : [unknown])];
      const at = file.placeOf(where);
      const code = unknown === undefined ? "bad_config_value" : "unknown_setting";
      return error(code, `${name}: ${where.join(".") || "the file"}: ${found.message}.`, { ...(at && { at }) });
    }),
  );
}

function definedTwice(name: string, first: string, file: ParsedFile, path: readonly string[]): Issue {
  const at = file.placeOf(path);
  return error("bad_config_value", `${file.name}: "${name}" is already defined in ${first}.`, {
    help: "Give each metric and term one definition.",
    ...(at && { at }),
  });
}
