/**
 * Where each value of a JSON or JSON5 text stands. The text must already have been parsed without error (JSON5.parse gives values but no
 * places); this only walks over it. Never decides what is valid.
 */

type Span = readonly [start: number, end: number];

interface Walk {
  readonly text: string;
  readonly spans: Map<string, Span>;
  readonly twice: Span[];
}

/** Start and end of each key (or array element), by its path joined with `.`, in UTF-16 code units; and of keys that repeat one. */
export function json5Spans(text: string): {
  readonly spans: ReadonlyMap<string, Span>;
  readonly twice: readonly Span[];
} {
  const walk: Walk = { text, spans: new Map(), twice: [] };
  value(walk, skip(text, 0), []);
  return walk;
}

/** Past white space and comments. */
function skip(text: string, from: number): number {
  const blank = /(?:[\s\uFEFF]+|\/\/[^\n\r\u2028\u2029]*|\/\*[\s\S]*?\*\/)*/uy;
  blank.lastIndex = from;
  blank.test(text);
  return blank.lastIndex;
}

function value(walk: Walk, from: number, path: readonly string[]): number {
  const first = walk.text[from];
  return first === "{" || first === "[" ? collection(walk, from, path) : scalar(walk.text, from);
}

/** Past a string, a number, a word or an unquoted key. */
function scalar(text: string, from: number): number {
  const shape = /"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|[^,\]}:\s/]*/uy;
  shape.lastIndex = from;
  shape.test(text);
  return shape.lastIndex;
}

function collection(walk: Walk, from: number, path: readonly string[]): number {
  const { text, spans } = walk;
  const isObject = text[from] === "{";
  let at = skip(text, from + 1);
  for (let index = 0; at < text.length && text[at] !== "}" && text[at] !== "]"; index += 1) {
    const start = at;
    let inner = [...path, String(index)];
    if (isObject) {
      const end = scalar(text, at);
      inner = [...path, keyOf(text.slice(at, end))];
      if (spans.has(inner.join("."))) walk.twice.push([start, end]);
      spans.set(inner.join("."), [start, end]);
      at = skip(text, skip(text, end) + 1); // past the colon
    }
    const after = value(walk, at, inner);
    if (!isObject) spans.set(inner.join("."), [start, after]);
    at = skip(text, after);
    if (text[at] === ",") at = skip(text, at + 1);
  }
  return at + 1;
}

function keyOf(raw: string): string {
  return /^["']/u.test(raw) ? raw.slice(1, -1).replaceAll(/\\(.)/gu, "$1") : raw;
}
