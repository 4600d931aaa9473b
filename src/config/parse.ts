/**
 * A configuration or glossary text as a value, with the place of every key. JSON and JSON5 alike (comments are allowed in both), YAML by its
 * file name or where the text does not begin with a brace. A key given twice is an error: the reader would take one and drop the other.
 */

import { basename } from "node:path";
import JSON5 from "json5";
import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { error, fail, type Issue, ok, type Place, placeIn, type Result } from "../issue.js";
import { json5Spans } from "./json5-places.js";

export interface ParsedFile {
  /** The last part of the path: messages never show where a file lies on the host. */
  readonly name: string;
  readonly value: unknown;
  /** Where a key (or the value of an array element) stands; the nearest enclosing one where it is not there itself. */
  placeOf(path: readonly string[]): Place | undefined;
}

const maxFileBytes = 4 * 1024 * 1024;

/** Parses the text of the file at `path`; fails with `bad_config` and a place. */
export function parseFile(path: string, text: string): Result<ParsedFile> {
  const name = basename(path);
  if (Buffer.byteLength(text) > maxFileBytes) {
    return fail(error("bad_config", `${name} is larger than ${maxFileBytes} bytes.`));
  }
  const isYaml = /\.ya?ml$/iu.test(path) || (!/\.json[5c]?$/iu.test(path) && !/^\s*[{[]/u.test(text));
  try {
    return isYaml ? parseYaml(name, text) : parseJson5(name, text);
  } catch (cause) {
    if (cause instanceof RangeError) return fail(error("bad_config", `${name} is nested too deeply.`));
    // What yaml throws for an alias of nothing, and for aliases that would unfold without bound.
    if (cause instanceof ReferenceError) return fail(error("bad_config", `${name}: ${cause.message}.`));
    throw cause;
  }
}

function parseJson5(name: string, text: string): Result<ParsedFile> {
  let value: unknown;
  try {
    value = JSON5.parse(text.replace(/^\uFEFF/u, " "));
  } catch (cause) {
    return fail(json5Issue(name, text, cause));
  }
  const found = json5Spans(text);
  const twice = found.twice.map(([start, end]) => twiceIssue(name, placeIn(text, start, end - start)));
  return twice.length > 0 ? fail(...twice) : ok(file(name, value, text, found.spans));
}

function json5Issue(name: string, text: string, cause: unknown): Issue {
  if (!(cause instanceof SyntaxError)) throw cause;
  const { lineNumber = 1, columnNumber = 1 } = cause as { lineNumber?: number; columnNumber?: number };
  const lines = text.split("\n");
  const offset = lines.slice(0, lineNumber - 1).reduce((sum, line) => sum + line.length + 1, 0) + columnNumber - 1;
  return error("bad_config", `${name}: ${cause.message.replace(/^JSON5: /u, "")}`, {
    at: placeIn(text, offset, 1),
    help: "JSON, JSON5 and YAML are understood.",
  });
}

function parseYaml(name: string, text: string): Result<ParsedFile> {
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    const issues = document.errors.map(({ message, pos: [start, end], code }) => {
      const at = placeIn(text, start, Math.max(1, end - start));
      return code === "DUPLICATE_KEY" ? twiceIssue(name, at) : error("bad_config", `${name}: ${message}`, { at });
    });
    return fail(...issues);
  }
  const spans = new Map<string, readonly [number, number]>();
  yamlSpans(document.contents, [], spans);
  return ok(file(name, document.toJS({ maxAliasCount: 100 }) as unknown, text, spans));
}

function yamlSpans(node: unknown, path: readonly string[], spans: Map<string, readonly [number, number]>): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const inner = [...path, String(pair.key.value)];
      if (pair.key.range) spans.set(inner.join("."), [pair.key.range[0], pair.key.range[1]]);
      yamlSpans(pair.value, inner, spans);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const inner = [...path, String(index)];
      const range = (item as { range?: readonly [number, number, number] }).range;
      if (range) spans.set(inner.join("."), [range[0], range[1]]);
      yamlSpans(item, inner, spans);
    }
  }
}

function twiceIssue(name: string, at: Place): Issue {
  return error("bad_config", `${name}: the same key stands here a second time.`, { at, help: "Keep one of them." });
}

function file(
  name: string,
  value: unknown,
  text: string,
  spans: ReadonlyMap<string, readonly [number, number]>,
): ParsedFile {
  return {
    name,
    value,
    placeOf: (path) => {
      for (let n = path.length; n > 0; n -= 1) {
        const span = spans.get(path.slice(0, n).join("."));
        if (span !== undefined) return placeIn(text, span[0], span[1] - span[0]);
      }
      return undefined;
    },
  };
}
