/**
 * Reads from CREATE text what SQLite's pragmas do not tell: constraint names, checks, collations, generated expressions, deferral, index
 * expressions, trigger events. Pure. Text that SQLite accepted is taken to be well-formed; what is not understood is skipped, never guessed.
 * Source of the grammar: https://www.sqlite.org/lang_createtable.html
 */

import { TokenReader, tokensOf } from "./tokens.js";

export interface TableText {
  readonly columns: Map<string, ColumnText>;
  readonly checks: { name?: string; expression: string }[];
  primaryKey?: KeyText;
  readonly uniques: KeyText[];
  /** In the order of declaration. */
  readonly foreignKeys: { name?: string; deferrable?: "immediate" | "deferred" }[];
}

/** By column name, lower case. */
export interface ColumnText {
  collation?: string;
  generated?: string;
  autoincrement?: true;
}

export interface KeyText {
  readonly name?: string;
  readonly columns: readonly string[];
}

const constraintStart = new Set(["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]);

export function readCreateTable(sql: string): TableText {
  const text: TableText = { columns: new Map(), checks: [], uniques: [], foreignKeys: [] };
  const reader = new TokenReader(sql, tokensOf(sql));
  while (!reader.done && !reader.takes("(")) reader.at += 1;
  while (!reader.done && !reader.takes(")")) {
    if (constraintStart.has(reader.peek()?.plain ?? "")) readConstraints(reader, text, undefined);
    else readColumn(reader, text);
    reader.takes(",");
  }
  return text;
}

function readColumn(reader: TokenReader, text: TableText): void {
  const name = reader.name();
  const column: ColumnText = {};
  text.columns.set(name.toLowerCase(), column);
  // The type is any run of words, with an optional (n) or (n, m).
  while (!reader.done && !reader.sees(",") && !reader.sees(")") && !startsColumnConstraint(reader)) {
    if (reader.sees("(")) reader.bracketed();
    else reader.at += 1;
  }
  readConstraints(reader, text, { name, column });
}

const columnConstraintStart = new Set([
  ...constraintStart,
  "NOT",
  "NULL",
  "DEFAULT",
  "COLLATE",
  "REFERENCES",
  "GENERATED",
  "AS",
]);

function startsColumnConstraint(reader: TokenReader): boolean {
  return columnConstraintStart.has(reader.peek()?.plain ?? "");
}

interface OfColumn {
  readonly name: string;
  readonly column: ColumnText;
}

/** Constraints up to the comma or bracket that ends them; table constraints may follow one another without a comma. */
function readConstraints(reader: TokenReader, text: TableText, of: OfColumn | undefined): void {
  let name: string | undefined;
  while (!reader.done && !reader.sees(",") && !reader.sees(")")) {
    if (reader.takes("CONSTRAINT")) {
      name = reader.name();
      continue;
    }
    readConstraint(reader, text, of, name === undefined ? {} : { name });
    name = undefined;
  }
}

function readConstraint(
  reader: TokenReader,
  text: TableText,
  of: OfColumn | undefined,
  named: { name?: string },
): void {
  if (reader.takes("PRIMARY", "KEY")) {
    text.primaryKey = { ...named, columns: keyColumns(reader, of) };
  } else if (reader.takes("UNIQUE")) {
    text.uniques.push({ ...named, columns: keyColumns(reader, of) });
  } else if (reader.takes("CHECK")) {
    text.checks.push({ ...named, expression: reader.bracketed() });
  } else if (reader.takes("FOREIGN", "KEY")) {
    reader.bracketed();
    reader.takes("REFERENCES");
    text.foreignKeys.push({ ...named, ...readReference(reader) });
  } else if (reader.takes("REFERENCES")) {
    text.foreignKeys.push({ ...named, ...readReference(reader) });
  } else if (reader.takes("COLLATE")) {
    const collation = reader.name();
    if (of !== undefined) of.column.collation = collation;
  } else if (reader.takes("AS") || reader.takes("GENERATED", "ALWAYS", "AS")) {
    const expression = reader.bracketed();
    if (of !== undefined) of.column.generated = expression;
  } else if (reader.takes("AUTOINCREMENT")) {
    if (of !== undefined) of.column.autoincrement = true;
  } else if (reader.takes("DEFAULT")) {
    if (reader.sees("(")) reader.bracketed();
    else reader.at += reader.sees("-") || reader.sees("+") ? 2 : 1;
  } else if (reader.sees("(")) {
    reader.bracketed();
  } else {
    reader.at += 1; // NOT NULL, ON CONFLICT …, STORED, VIRTUAL, ASC, DESC
  }
}

function keyColumns(reader: TokenReader, of: OfColumn | undefined): string[] {
  if (!reader.sees("(")) return of === undefined ? [] : [of.name];
  const inside = reader.bracketed();
  return splitList(inside).map((part) => new TokenReader(part, tokensOf(part)).name());
}

function readReference(reader: TokenReader): { deferrable?: "immediate" | "deferred" } {
  reader.name();
  if (reader.sees("(")) reader.bracketed();
  for (;;) {
    if (reader.takes("ON")) {
      reader.at += 1;
      if (reader.takes("SET") || reader.takes("NO")) reader.at += 1;
      else reader.at += 1;
    } else if (reader.takes("MATCH")) reader.at += 1;
    else if (reader.takes("NOT", "DEFERRABLE")) {
      if (reader.takes("INITIALLY")) reader.at += 1;
    } else if (reader.takes("DEFERRABLE")) {
      if (reader.takes("INITIALLY", "DEFERRED")) return { deferrable: "deferred" };
      reader.takes("INITIALLY", "IMMEDIATE");
      return { deferrable: "immediate" };
    } else return {};
  }
}

/** Parts of a list, split at the commas outside brackets and quotes. */
export function splitList(text: string): string[] {
  const tokens = tokensOf(text);
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const token of tokens) {
    if (token.kind !== "punctuation") continue;
    if (token.text === "(") depth += 1;
    else if (token.text === ")") depth -= 1;
    else if (token.text === "," && depth === 0) {
      parts.push(text.slice(from, token.start).trim());
      from = token.end;
    }
  }
  parts.push(text.slice(from).trim());
  return parts;
}

export interface IndexText {
  /** Key parts as written, without ASC, DESC and COLLATE. */
  readonly parts: readonly string[];
  readonly predicate?: string;
}

export function readCreateIndex(sql: string): IndexText {
  const reader = new TokenReader(sql, tokensOf(sql));
  while (!reader.done && !reader.sees("(")) reader.at += 1;
  const parts = splitList(reader.bracketed()).map((part) =>
    part.replace(/(\s+COLLATE\s+\S+)?(\s+(ASC|DESC))?\s*$/i, "").trim(),
  );
  if (!reader.takes("WHERE")) return { parts };
  return { parts, predicate: sql.slice(reader.peek()?.start ?? sql.length).trim() };
}

/** The query of a view. */
export function readCreateView(sql: string): string {
  const reader = new TokenReader(sql, tokensOf(sql));
  while (!reader.done && !reader.takes("AS")) {
    if (reader.sees("(")) reader.bracketed();
    else reader.at += 1;
  }
  return sql.slice(reader.peek()?.start ?? sql.length).trim();
}

/** The module of a virtual table, as `fts5`. */
export function readVirtualModule(sql: string): string | undefined {
  const reader = new TokenReader(sql, tokensOf(sql));
  while (!reader.done && !reader.takes("USING")) reader.at += 1;
  return reader.done ? undefined : reader.name();
}

export interface TriggerText {
  readonly timing: "BEFORE" | "AFTER" | "INSTEAD OF";
  readonly event: string;
}

export function readCreateTrigger(sql: string): TriggerText {
  const reader = new TokenReader(sql, tokensOf(sql));
  while (!reader.done && !reader.takes("TRIGGER")) reader.at += 1;
  reader.takes("IF", "NOT", "EXISTS");
  reader.name();
  if (reader.takes(".")) reader.name();
  const timing = reader.takes("INSTEAD", "OF") ? "INSTEAD OF" : reader.takes("AFTER") ? "AFTER" : "BEFORE";
  if (timing === "BEFORE") reader.takes("BEFORE");
  return { timing, event: (reader.peek()?.text ?? "").toUpperCase() };
}
