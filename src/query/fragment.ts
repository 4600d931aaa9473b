/**
 * SQL as text with its values apart: a Fragment is a list of texts and values, joined without ever mixing the two. Pure.
 * Numbering and casting of parameters happen once, when the whole statement is printed.
 */

import type { Cell, Dialect } from "../sql/dialect.js";

/** A value that travels as a parameter; `cast` names a type where its place does not fix one (PostgreSQL). */
interface Bound {
  readonly value: Cell;
  readonly cast?: string;
}

/** A piece of SQL: texts and bound values in order. */
export interface Fragment {
  readonly parts: readonly (string | Bound)[];
}

/** `sql\`${a} = ${bind(5)}\``: strings are text, fragments are spliced in. */
export function sql(texts: TemplateStringsArray, ...pieces: readonly (string | Fragment)[]): Fragment {
  const parts: (string | Bound)[] = [];
  texts.forEach((text, i) => {
    if (text !== "") parts.push(text);
    const piece = pieces[i];
    if (typeof piece === "string") parts.push(piece);
    else if (piece !== undefined) parts.push(...piece.parts);
  });
  return { parts };
}

export function raw(text: string): Fragment {
  return { parts: [text] };
}

export function bind(value: Cell, cast?: string): Fragment {
  return { parts: [cast === undefined ? { value } : { value, cast }] };
}

export function join(fragments: readonly Fragment[], between: string): Fragment {
  return { parts: fragments.flatMap((f, i) => (i === 0 ? f.parts : [between, ...f.parts])) };
}

/** The text of a fragment that binds nothing, or with its values as literals. */
export function printLiteral(fragment: Fragment, dialect: Dialect): string {
  return fragment.parts.map((p) => (typeof p === "string" ? p : literalOf(p, dialect))).join("");
}

/** The statement with placeholders, and its parameters in order. */
export function print(
  fragment: Fragment,
  dialect: Dialect,
): { readonly sql: string; readonly params: readonly Cell[] } {
  const params: Cell[] = [];
  const text = fragment.parts.map((part) => {
    if (typeof part === "string") return part;
    params.push(dialect.name === "sqlite" && typeof part.value === "boolean" ? Number(part.value) : part.value);
    return dialect.placeholder(params.length, part.cast);
  });
  return { sql: text.join(""), params };
}

/** Each line after the first moved right by `by` spaces. Only texts are touched, never values. */
export function indent(fragment: Fragment, by: number): Fragment {
  const pad = " ".repeat(by);
  return { parts: fragment.parts.map((p) => (typeof p === "string" ? p.replaceAll("\n", `\n${pad}`) : p)) };
}

function literalOf(bound: Bound, dialect: Dialect): string {
  const literal = dialect.literal(bound.value);
  return bound.cast === undefined || dialect.name === "sqlite" ? literal : `CAST(${literal} AS ${bound.cast})`;
}
