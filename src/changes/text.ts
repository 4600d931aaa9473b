/**
 * SQL text that databases print (defaults, checks, predicates, view queries) compared by its tokens, not its characters: white space,
 * comments, keyword case and redundant outer parentheses mean nothing. Knows tokens alone, no grammar; decides nothing about safety.
 */

import type { DialectName } from "../schema/snapshot.js";

export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "symbol";
  /** As it is compared: words folded, quotes undone where the bare name means the same. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const tokenShape =
  /(?<space>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>(?:\b[eExXbBnN])?'(?:[^']|'')*')|(?<dollar>\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$)|(?<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[\p{L}_][^\]]*\])|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<symbol>::|<=|>=|<>|!=|\|\||->>|->|[\s\S])/uy;

/** The tokens of a stretch of SQL, white space and comments left out. PostgreSQL's `[1]` stays symbols; SQLite's `[name]` is a name. */
export function tokens(sql: string, dialect: DialectName): readonly Token[] {
  const found: Token[] = [];
  tokenShape.lastIndex = 0;
  for (let match = tokenShape.exec(sql); match !== null && match[0] !== ""; match = tokenShape.exec(sql)) {
    const groups = match.groups ?? {};
    const start = match.index;
    const end = start + match[0].length;
    if (groups.space !== undefined) continue;
    if (groups.quoted?.startsWith("[") === true && dialect === "postgres") {
      found.push({ kind: "symbol", text: "[", start, end: start + 1 });
      tokenShape.lastIndex = start + 1;
    } else if (groups.quoted !== undefined) {
      found.push({ kind: "quoted", text: unquote(groups.quoted, dialect), start, end });
    } else if (groups.word !== undefined) {
      found.push({ kind: "word", text: groups.word.toLowerCase(), start, end });
    } else {
      const kind = groups.number !== undefined ? "number" : groups.symbol !== undefined ? "symbol" : "string";
      found.push({ kind, text: match[0], start, end });
    }
    if (tokenShape.lastIndex >= sql.length) break;
  }
  return found;
}

/** A canonical print: equal for texts that differ only in spacing, case of words, comments, needless quotes and outer parentheses. */
export function canonicalSql(sql: string, dialect: DialectName): string {
  return printed(withoutOuterParentheses(tokens(sql, dialect).map((t) => t.text)));
}

/** Old name to new name, of columns and tables, as one step renamed them. */
export type NameMap = ReadonlyMap<string, string>;

/** Whether two texts say the same once `names` were renamed between them. The database may keep an old name as an alias. */
export function sameSql(before: string, after: string, names: NameMap, dialect: DialectName): boolean {
  if (before === after) return true;
  if (canonicalSql(before, dialect) === canonicalSql(after, dialect)) return true;
  if (names.size === 0) return false;
  const folded = foldNames(names, dialect);
  const plain = renamed(before, folded, dialect);
  if (printed(withoutOuterParentheses(plain)) === canonicalSql(after, dialect)) return true;
  const chained = [...folded.values()].some((name) => folded.has(name));
  if (chained) return swapped(before, folded, dialect) === kept(after, folded, dialect);
  return (
    printed(withoutAliases(withoutOuterParentheses(plain))) ===
    printed(withoutAliases(withoutOuterParentheses(renamed(after, folded, dialect))))
  );
}

/**
 * Whether a text means a column by one of `former`, names that columns of `tables` had. Unqualified names count where the text reads one
 * table alone: databases print a qualifier otherwise. `reads`: the names of the tables that it reads, in the text's own terms.
 */
export function mentionsColumn(
  sql: string,
  former: ReadonlyMap<string, ReadonlySet<string>>,
  reads: number,
  dialect: DialectName,
): boolean {
  const words = tokens(sql, dialect);
  const tables = new Map([...former].map(([table, names]) => [foldName(table, dialect), names]));
  for (const [i, { text }] of words.entries()) {
    const names = tables.get(text);
    const alias = words[i + 1];
    // `FROM orders o`, as databases print it.
    if (names !== undefined && alias !== undefined && /^(?:word|quoted)$/u.test(alias.kind))
      tables.set(alias.text, names);
  }
  const all = reads === 1 ? [...former.values()].flatMap((names) => [...names]) : [];
  const loose = new Set(all.map((name) => foldName(name, dialect)));
  return words.some(({ kind, text }, i) => {
    if ((kind !== "word" && kind !== "quoted") || words[i - 1]?.text === "as") return false;
    if (words[i - 1]?.text !== ".") return loose.has(text) && words[i + 1]?.text !== ".";
    const names = tables.get(words[i - 2]?.text ?? "");
    return names !== undefined && [...names].some((name) => foldName(name, dialect) === text);
  });
}

/** The text of before with every name but an alias in its new form. */
function swapped(before: string, names: NameMap, dialect: DialectName): string {
  const words = tokens(before, dialect).map((t) => t.text);
  const now = renamed(before, names, dialect).map((word, i) => (words[i - 1] === "as" ? (words[i] ?? "") : word));
  return printed(withoutAliases(withoutOuterParentheses(now)));
}

/** The text of after without the old names that the database kept: as an alias of a column (`new AS old`) or of a table (`new old`). */
function kept(after: string, names: NameMap, dialect: DialectName): string {
  const words = withoutOuterParentheses(tokens(after, dialect).map((t) => t.text));
  const aliases = new Map<string, string>();
  const left: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [word, before] = [words[i] ?? "", left.at(-1)];
    if (word === "as" && names.get(words[i + 1] ?? "") === before) i++;
    else if (before !== undefined && names.get(word) === before) aliases.set(word, before);
    else left.push(word);
  }
  const qualified = left.map((word, i) => (left[i + 1] === "." ? (aliases.get(word) ?? word) : word));
  return printed(withoutAliases(qualified));
}

function renamed(sql: string, names: NameMap, dialect: DialectName): readonly string[] {
  return tokens(sql, dialect).map((t) => {
    if (t.kind === "word" || t.kind === "quoted") return names.get(t.text) ?? t.text;
    return t.kind === "string" ? renamedInLiteral(t.text, names) : t.text;
  });
}

/** `nextval('old_seq'::regclass)` names an object inside a literal. */
function renamedInLiteral(literal: string, names: NameMap): string {
  const name = names.get(literal.slice(1, -1));
  return name === undefined ? literal : `'${name}'`;
}

/** `x AS x` and `x x` are `x`: what is left where the database kept an old name as an alias. */
function withoutAliases(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const before = kept.at(-1);
    if (word === "as" && words[i + 1] === before) i++;
    else if (word !== before || !/^[\p{L}_"]/u.test(word)) kept.push(word);
  }
  return kept;
}

function foldNames(names: NameMap, dialect: DialectName): NameMap {
  return new Map([...names].map(([old, name]) => [foldName(old, dialect), foldName(name, dialect)]));
}

function foldName(name: string, dialect: DialectName): string {
  return dialect === "sqlite" ? name.toLowerCase() : name;
}

function unquote(quoted: string, dialect: DialectName): string {
  const quote = quoted.charAt(0);
  const inner = quote === "[" ? quoted.slice(1, -1) : quoted.slice(1, -1).replaceAll(quote + quote, quote);
  return foldName(inner, dialect);
}

function withoutOuterParentheses(words: readonly string[]): readonly string[] {
  let list = words;
  while (list[0] === "(" && closesAt(list) === list.length - 1) list = list.slice(1, -1);
  return list.at(-1) === ";" ? withoutOuterParentheses(list.slice(0, -1)) : list;
}

function closesAt(words: readonly string[]): number {
  let depth = 0;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === "(") depth++;
    if (words[i] === ")" && --depth === 0) return i;
  }
  return -1;
}

function printed(words: readonly string[]): string {
  return words.join(" ");
}
