/**
 * Stored values as terms: which columns hold what a text says, and the literal as it is stored. Built once a view from its value profile,
 * when first needed. Pure.
 */

import { distance } from "fastest-levenshtein";
import { oncePer } from "../schema/once.js";
import type { ColumnStatistics } from "../schema/statistics.js";
import { plain } from "./plain.js";
import { emptyDoc } from "./read-names.js";
import { holdsCodes, meantBy } from "./standard-codes.js";
import { otherWords } from "./synonyms.js";
import type { ColumnDoc, TermIndex } from "./term-index.js";
import { lemmaOf, type Token } from "./words.js";

/** A stored value of a column that a stretch of text spells out. */
export interface ValueHit {
  readonly column: number;
  readonly stored: string | number;
  readonly count: number;
  /** Tokens of the text, `end` exclusive. */
  readonly from: number;
  readonly to: number;
  /** 1 the same letters in the same case, .95 another case or punctuation, less for variants. */
  readonly likeness: number;
  /** Columns that the same stretch hits. */
  readonly rivals: number;
  /** Where the text itself is not stored: by what the stored one stands for it, a public standard (`CA` for "California") or other words for the same thing (`denied` for "rejected"). */
  readonly by?: "standard" | "words";
}

interface Entry {
  readonly column: number;
  readonly stored: string | number;
  readonly count: number;
  readonly by?: ValueHit["by"];
}

interface ValueIndex {
  readonly byText: ReadonlyMap<string, readonly Entry[]>;
  /** A word of a longer value -> the texts it stands in. */
  readonly byWord: ReadonlyMap<string, readonly string[]>;
}

const indexes = new WeakMap<TermIndex, ValueIndex>();

/** Values longer than this are prose, not terms; characters. */
const maxValueChars = 120;
/** A word that stands in more texts than this finds nothing in particular. */
const maxTextsPerWord = 400;

function valueIndex(index: TermIndex): ValueIndex {
  const known = indexes.get(index);
  if (known !== undefined) return known;
  const byText = new Map<string, Entry[]>();
  for (const column of index.columns) {
    for (const { value, count } of profileOf(index, column)?.values ?? []) {
      const raw = String(value);
      if (raw.length > maxValueChars) continue;
      const text = plain(raw);
      if (text === "") continue;
      const entry = { column: column.id, stored: value, count };
      const list = byText.get(text);
      if (list === undefined) byText.set(text, [entry]);
      else list.push(entry);
    }
  }
  const byWord = new Map<string, string[]>();
  for (const text of byText.keys()) {
    const words = text.split(" ");
    for (const word of new Set(words)) {
      if (word.length < 2) continue;
      const list = byWord.get(word);
      if (list === undefined) byWord.set(word, [text]);
      else list.push(text);
    }
  }
  const made = { byText, byWord };
  indexes.set(index, made);
  return made;
}

/** What the value profile knows of a column. */
export function profileOf(index: TermIndex, column: ColumnDoc): ColumnStatistics | undefined {
  return index.view.statistics.tables[index.tables[column.table]?.key ?? ""]?.columns[column.name];
}

/** How like a stored code is to what it stands for. */
const codeLikeness = 0.9;

/** Values that mean the same as a text by a public standard, in columns that hold its codes. `written`: as the text stands in a sentence. */
function standardValues(index: TermIndex, text: string, written?: string): readonly Entry[] {
  const meanings = meantBy(text, written);
  if (meanings.length === 0) return [];
  const { byText } = valueIndex(index);
  const tableOf = (column: number) => index.columns[column]?.table;
  // A table that has the text itself tells by that: its code is only another name for the same row.
  const spelled = new Set((byText.get(text) ?? []).map(({ column }) => tableOf(column)));
  return meanings.flatMap(({ standard, others }) =>
    others.flatMap((other) =>
      (byText.get(other) ?? [])
        .filter(({ column }) => {
          if (spelled.has(tableOf(column))) return false;
          const { words, values } = storedIn(index, column);
          return holdsCodes(standard, words, values);
        })
        .map((entry) => ({ ...entry, by: "standard" as const })),
    ),
  );
}

/** A column of kinds, states or the like holds at most so many values. */
const maxKinds = 40;

/** Values of columns that hold a few, all known, by the lemmas of their words. */
const kindsOf = oncePer((index: TermIndex): ReadonlyMap<string, readonly Entry[]> => {
  const kinds = new Map<string, Entry[]>();
  for (const column of index.columns) {
    const { values = [], valuesComplete } = profileOf(index, column) ?? {};
    if (valuesComplete !== true || values.length > maxKinds) continue;
    for (const { value, count } of values) {
      const lemmas = lemmasOfStored(value);
      const entry = { column: column.id, stored: value, count };
      const list = kinds.get(lemmas);
      if (list === undefined) kinds.set(lemmas, [entry]);
      else list.push(entry);
    }
  }
  return kinds;
});

const lemmasOfText = (text: string): string => text.split(" ").map(lemmaOf).join(" ");
const lemmasOfStored = (value: string | number): string => lemmasOfText(plain(String(value).replaceAll("_", " ")));

/** Other words for the same thing as a text, as lemmas. */
const otherLemmas = (text: string): readonly string[] => otherWords(lemmasOfText(text)).map(lemmasOfText);

/** Values that are the same thing as a text by other words, where a column holds kinds. */
function sameValues(index: TermIndex, text: string): readonly Entry[] {
  return otherLemmas(text)
    .flatMap((other) => kindsOf(index).get(other) ?? [])
    .map((entry) => ({ ...entry, by: "words" as const }));
}

/** Whether a stored value is the same thing as a text by other words. */
export const saysSame = (stored: string | number, text: string): boolean =>
  otherLemmas(plain(text)).includes(lemmasOfStored(stored));

/** Whether a text says several of what is stored. */
export const isOneOf = (stored: string | number, text: string): boolean =>
  lemmasOfText(plain(text)) === lemmasOfStored(stored) && plain(text) !== plain(String(stored));

interface StoredIn {
  readonly words: readonly string[];
  readonly values: readonly string[];
}

const storedKnown = oncePer((_index: TermIndex) => new Map<number, StoredIn>());

/** The words of a column's name and its table's, and what it stores, as plain texts. */
function storedIn(index: TermIndex, id: number): StoredIn {
  const known = storedKnown(index);
  let made = known.get(id);
  if (made !== undefined) return made;
  const column = index.columns[id];
  const docs = column === undefined ? [] : [column.doc, index.tables[column.table]?.doc ?? emptyDoc];
  made = {
    words: docs.flatMap((doc) => [...doc.concepts].map((concept) => index.concepts[concept]?.meaning ?? "")),
    values: ((column && profileOf(index, column)?.values) ?? []).map(({ value }) => plain(String(value))),
  };
  known.set(id, made);
  return made;
}

/** Longest value looked for in a sentence, tokens. */
const maxSpan = 10;

/** Values that stretches of a sentence spell out; of stretches within one another, each column keeps the longest. */
export function valuesIn(index: TermIndex, text: string, tokens: readonly Token[]): readonly ValueHit[] {
  const { byText } = valueIndex(index);
  if (byText.size === 0) return [];
  const best = new Map<string, ValueHit>();
  for (let from = 0; from < tokens.length; from += 1) {
    for (let to = Math.min(tokens.length, from + maxSpan); to > from; to -= 1) {
      const [first, last] = [tokens[from], tokens[to - 1]];
      if (first === undefined || last === undefined || (to === from + 1 && first.stop && !first.quoted)) continue;
      const said = text.slice(first.start, last.end);
      const key = plain(said);
      const alone = to === from + 1 && first.kind === "word";
      const stored = byText.get(key) ?? (alone ? byText.get(first.lemma) : undefined);
      const found = [...(stored ?? []), ...standardValues(index, key, said)];
      if (found.length === 0 || key === "") continue;
      const rivals = new Set(found.map((e) => e.column)).size;
      for (const entry of found) {
        const hit = {
          ...entry,
          from,
          to,
          rivals,
          likeness: String(entry.stored) === said ? 1 : key === plain(String(entry.stored)) ? 0.95 : 0.85,
        };
        const known = best.get(`${entry.column}\u0000${from}`);
        const within = [...best.values()].some(
          (h) => h.column === entry.column && h.from <= from && h.to >= to && h.to - h.from > to - from,
        );
        if (!within && (known === undefined || known.to - known.from < to - from || known.likeness < hit.likeness))
          best.set(`${entry.column}\u0000${from}`, hit);
      }
    }
  }
  const hits = [...best.values()];
  // "San Jose" in "San Jose State University" is not spoken of.
  return hits.filter(
    (h) =>
      !hits.some(
        (o) => o.likeness >= wholeLikeness && o.from <= h.from && o.to >= h.to && o.to - o.from > h.to - h.from,
      ),
  );
}

/** A value at least this like its stretch of text is what the whole stretch speaks of. */
export const wholeLikeness = 0.95;

/** Values that a whole term means: the same text, a part of it, or a slip of the pen. Best first, at most `limit`. */
export function valuesLike(index: TermIndex, term: string, limit: number): readonly ValueHit[] {
  const { byText, byWord } = valueIndex(index);
  const asked = plain(term);
  if (asked === "" || byText.size === 0) return [];
  const scores = new Map<string, number>();
  if (byText.has(asked)) scores.set(asked, 1);
  for (const variant of variantsOf(asked)) if (byText.has(variant) && !scores.has(variant)) scores.set(variant, 0.9);
  const words = asked.split(" ");
  const codes = standardValues(index, asked);
  const meant = codes.length > 0 ? codes : sameValues(index, asked);
  for (const word of words) {
    for (const form of new Set([word, lemmaOf(word)])) {
      const texts = byWord.get(form) ?? [];
      if (texts.length > maxTextsPerWord) continue;
      for (const text of texts) if (!scores.has(text)) scores.set(text, overlap(words, text.split(" ")));
    }
  }
  if (scores.size === 0 && meant.length === 0 && asked.length >= 4) {
    for (const text of byText.keys()) {
      if (Math.abs(text.length - asked.length) > 2 || text.length < 4) continue;
      const slips = distance(text, asked);
      if (slips <= (asked.length >= 8 ? 2 : 1)) scores.set(text, 0.85 * (1 - slips / asked.length));
    }
  }
  const hits: ValueHit[] = [];
  for (const [text, score] of scores) {
    if (score < 0.3) continue;
    const entries = byText.get(text) ?? [];
    const rivals = new Set(entries.map((e) => e.column)).size;
    for (const entry of entries) {
      const likeness = score < 1 ? score : String(entry.stored) === term.trim() ? 1 : 0.97;
      hits.push({ ...entry, from: 0, to: words.length, likeness, rivals });
    }
  }
  const [end, rivals] = [words.length, meant.length];
  hits.push(...meant.map((entry) => ({ ...entry, from: 0, to: end, likeness: codeLikeness, rivals })));
  return hits.sort((a, b) => b.likeness - a.likeness || b.count - a.count || a.column - b.column).slice(0, limit);
}

/** Singular, plural, and without a common last word ("Lamberton building"). */
function variantsOf(asked: string): readonly string[] {
  const words = asked.split(" ");
  const last = words.at(-1) ?? "";
  const start = words.slice(0, -1);
  return [
    [...start, lemmaOf(last)],
    [...start, `${last}s`],
  ]
    .map((w) => w.join(" "))
    .filter((v) => v !== asked);
}

/** Share of words that both have, from either side. */
function overlap(a: readonly string[], b: readonly string[]): number {
  const forms = new Set(b.flatMap((w) => [w, lemmaOf(w)]));
  const shared = a.filter((w) => forms.has(w) || forms.has(lemmaOf(w))).length;
  return (0.85 * 2 * shared) / (a.length + b.length);
}
