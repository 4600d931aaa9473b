/**
 * The tables and views that a view's query names: what follows FROM, JOIN and the commas between them, at any depth, without what WITH
 * defines. Pure. SQLite itself tells only base tables, and those only by planning the query.
 * Source of the grammar: https://www.sqlite.org/syntax/table-or-subquery.html
 */

import type { TableName } from "../../schema/snapshot.js";
import { type Token, tokensOf } from "./tokens.js";

/** After one of these, a comma no longer separates tables. */
const afterTables = new Set([
  "SELECT",
  "WHERE",
  "GROUP",
  "HAVING",
  "WINDOW",
  "ORDER",
  "LIMIT",
  "UNION",
  "EXCEPT",
  "INTERSECT",
]);

/** Sorted by name. `known`: tables and views of the file by lower-case name; other names (functions, defined by WITH) are no tables. */
export function viewReads(query: string, known: ReadonlyMap<string, string>, schema: string): TableName[] {
  const tokens = tokensOf(query);
  const defined = definedByWith(tokens);
  const found = new Set<string>();
  /** By depth of brackets: whether a table list is open. */
  const open: boolean[] = [false];
  let expected = false;
  for (const [at, token] of tokens.entries()) {
    const word = token.kind === "word" ? token.text.toUpperCase() : "";
    if (token.kind === "punctuation") {
      if (token.text === "(")
        open.push(expected); // brackets around joins are a table list of their own
      else if (token.text === ")") open.pop();
      expected = (token.text === "(" && expected) || (token.text === "," && open.at(-1) === true);
      continue;
    }
    if (word === "JOIN" || (word === "FROM" && tokens[at - 1]?.text.toUpperCase() !== "DISTINCT")) {
      open[open.length - 1] = true;
      expected = true;
      continue;
    }
    if (afterTables.has(word)) open[open.length - 1] = false;
    if (expected) add(nameAt(tokens, at, schema));
    expected = false;
  }
  return [...found].sort().map((name) => ({ schema, name }));

  function add(name: string | undefined): void {
    if (name === undefined || defined.has(name)) return;
    const table = known.get(name);
    if (table !== undefined) found.add(table);
  }
}

/** The name that begins here, lower case, a schema before it left out; undefined where it is a function or of another schema. */
function nameAt(tokens: readonly Token[], at: number, schema: string): string | undefined {
  const qualified = tokens[at + 1]?.text === ".";
  if (qualified && tokens[at]?.text.toLowerCase() !== schema) return undefined;
  const place = qualified ? at + 2 : at;
  return tokens[place + 1]?.text === "(" ? undefined : tokens[place]?.text.toLowerCase();
}

/** Names before `AS (`, `AS MATERIALIZED (`, with or without a list of columns between. */
function definedByWith(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "word" || token.text.toUpperCase() !== "AS") continue;
    let to = at + 1;
    while (/^(not|materialized)$/i.test(tokens[to]?.text ?? "")) to += 1;
    if (tokens[to]?.text !== "(") continue;
    let from = at - 1;
    if (tokens[from]?.text === ")") while (from > 0 && tokens[from]?.text !== "(") from -= 1;
    const name = tokens[from]?.text === "(" ? tokens[from - 1] : tokens[from];
    if (name !== undefined) names.add(name.text.toLowerCase());
  }
  return names;
}
