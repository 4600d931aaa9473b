/**
 * Where each value of a JSON or JSON5 text stands. The text must already have been parsed without error (JSON5.parse gives values but no
 * places); this only walks over it. Never decides what is valid.
 */

/** Start and end of each key (or array element), by its path joined with `.`; UTF-16 code units. */
export type Spans = ReadonlyMap<string, readonly [start: number, end: number]>;

export function json5Spans(text: string): Spans {
  const spans = new Map<string, readonly [number, number]>();
  const end = value(text, skip(text, 0), [], spans);
  spans.set("", [0, end]);
  return spans;
}

function skip(text: string, from: number): number {
  let at = from;
  for (;;) {
    if (/\s|\uFEFF/u.test(text[at] ?? "x")) at += 1;
    else if (text.startsWith("//", at)) at = endOf(text, text.slice(at).search(/[\n\r\u2028\u2029]/u), at);
    else if (text.startsWith("/*", at)) at = text.indexOf("*/", at + 2) + 2;
    else return at;
  }
}

function endOf(text: string, found: number, base: number): number {
  return found < 0 ? text.length : base + found;
}

function value(
  text: string,
  from: number,
  path: readonly string[],
  spans: Map<string, readonly [number, number]>,
): number {
  const first = text[from];
  if (first === "{" || first === "[") return collection(text, from, path, spans);
  return scalar(text, from);
}

function scalar(text: string, from: number): number {
  const quote = text[from];
  if (quote !== '"' && quote !== "'") return endOf(text, text.slice(from).search(/[,\]}:\s/]/u), from);
  let at = from + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

function collection(
  text: string,
  from: number,
  path: readonly string[],
  spans: Map<string, readonly [number, number]>,
): number {
  const isObject = text[from] === "{";
  let at = skip(text, from + 1);
  for (let index = 0; at < text.length && text[at] !== "}" && text[at] !== "]"; index += 1) {
    const start = at;
    let key = String(index);
    let end = at;
    if (isObject) {
      end = scalar(text, at);
      key = keyOf(text.slice(at, end));
      at = skip(text, skip(text, end) + 1); // past the colon
    }
    const inner = [...path, key];
    const after = value(text, at, inner, spans);
    spans.set(inner.join("."), [start, isObject ? end : after]);
    at = skip(text, after);
    if (text[at] === ",") at = skip(text, at + 1);
  }
  return at + 1;
}

function keyOf(raw: string): string {
  return /^["']/u.test(raw) ? raw.slice(1, -1).replaceAll(/\\(.)/gu, "$1") : raw;
}
