/**
 * What a term means in a schema: exact names first, then what people confirmed, the glossary, and the trained rankers over tables, columns and stored
 * values, with a calibrated confidence and why. Pure and deterministic. Never forces an answer: `no_match` and `ambiguous` are answers.
 */

import { resolveRef } from "../schema/names.js";
import { isWholeQuestion } from "./asking.js";
import { alone, beside, codedMatches } from "./coded.js";
import { type Correction, corrected } from "./correction.js";
import { countedRows } from "./counted-rows.js";
import { exactRef, spelledColumn, withSpelled } from "./exact-names.js";
import { toldOfRows } from "./flags-of-rows.js";
import { glossaryMatches } from "./glossary-terms.js";
import { calledByHead } from "./head-names.js";
import { keysOfRole } from "./key-roles.js";
import { amongKinds, isNamed } from "./kinds.js";
import { valuesBeforeNames } from "./kinds-of-rows.js";
import { applyLearned } from "./learned-matches.js";
import { calledByRest } from "./light-heads.js";
import { linkedRows } from "./linked-rows.js";
import {
  type LearnedMapping,
  type MatchKind,
  roundScore,
  type Signal,
  type TermMatch,
  type TermRequest,
  type TermResult,
} from "./mapping.js";
import { nearestNames } from "./nearest.js";
import type { PhraseContext } from "./phrase-features.js";
import { layPhrase, type Scored, scoreColumns, scoreTables } from "./phrase-ranker.js";
import { rankColumns } from "./question-ranker.js";
import type { Kind } from "./settling.js";
import { rankTables } from "./table-ranker.js";
import type { TermIndex } from "./term-index.js";
import {
  kindsOfTable,
  otherwiseStored,
  type ScoredValue,
  scoreValues,
  severalStored,
  valueMatch,
} from "./value-matches.js";
import type { ValueHit } from "./values.js";
import { columnWhy, tableWhy } from "./why.js";

export interface MapSettings {
  /** Below this confidence of the best match and its like together the answer is `no_match`, 0 to 1. */
  readonly leastConfidence: number;
  /** Below this the best match by itself is no answer, however many are like it, 0 to 1. */
  readonly leastOfBest: number;
  /** Below this the best match is likelier not meant than meant: `ambiguous`, even where nothing rivals it, 0 to 1. */
  readonly evenConfidence: number;
  /** A best match at least this sure is `matched` whatever comes second, 0 to 1. */
  readonly sureConfidence: number;
  /** The second is a rival when its confidence is at least this share of the best's, 0 to 1. */
  readonly rivalShare: number;
}

export const defaultMapSettings: MapSettings = {
  leastConfidence: 0.15,
  leastOfBest: 0.05,
  evenConfidence: 0.5,
  sureConfidence: 0.75,
  rivalShare: 0.5,
};

const allKinds: readonly MatchKind[] = ["table", "column", "value", "measure"];
const defaultLimit = 5;

export function mapTerm(
  index: TermIndex,
  request: TermRequest,
  learned: readonly LearnedMapping[] = [],
  correction?: Correction,
): TermResult {
  const all = rankMatches(index, request, learned, correction);
  return resultOf(index, request, all);
}

/** Every match that is worth looking at, best first: somewhat more than `limit` of each kind. */
export function rankMatches(
  index: TermIndex,
  request: TermRequest,
  learned: readonly LearnedMapping[] = [],
  correction?: Correction,
): readonly TermMatch[] {
  const kinds = new Set(request.kinds ?? allKinds);
  const limit = request.limit ?? defaultLimit;
  return matchesOf(index, request, kinds, limit, learned, correction).filter(
    (m) => m.confidence >= (request.minConfidence ?? 0),
  );
}

/** What the shipped rankers alone say of a phrase, each kind by itself and before kinds compete: what a correction is trained on. Best first by kind. */
export function shippedMatches(index: TermIndex, request: TermRequest): readonly TermMatch[] {
  const pinned = pinnedTables(index, request.tables);
  return ranked(index, request, new Set(request.kinds ?? allKinds), request.limit ?? defaultLimit, pinned);
}

/** What ranked matches come to: matched, ambiguous or no match. `all` is best first. */
export function resultOf(
  index: TermIndex,
  request: TermRequest,
  all: readonly TermMatch[],
  settings = defaultMapSettings,
): TermResult {
  const matches = all.slice(0, request.limit ?? defaultLimit);
  const [best, ...others] = all;
  const isAny = best !== undefined && best.confidence >= settings.leastOfBest;
  if (!isAny || confidenceOfAny(all, best, settings) < settings.leastConfidence) {
    const near = request.suggests === false ? [] : didYouMean(index, request.term, matches);
    return { term: request.term, status: "no_match", matches, did_you_mean: near };
  }
  const isRival = (m: TermMatch) =>
    best.confidence < settings.sureConfidence && m.confidence >= settings.rivalShare * best.confidence;
  const second = others.find(isRival);
  if (best.confidence >= settings.evenConfidence && others.every((m) => !isRival(m) || isSameKey(index, best, m)))
    return { term: request.term, status: "matched", matches, did_you_mean: [] };
  return {
    term: request.term,
    status: "ambiguous",
    matches,
    did_you_mean: [],
    clarify: clarify(request.term, best, second),
  };
}

/** Whether two columns are one key under one name: they hold the same values, and which of them is meant decides nothing. */
function isSameKey(index: TermIndex, a: TermMatch, b: TermMatch): boolean {
  if (a.kind !== "column" || b.kind !== "column") return false;
  const byRef = columnsByRef(index);
  const [one, other] = [byRef.get(a.ref), byRef.get(b.ref)];
  return (
    one !== undefined &&
    other !== undefined &&
    one.twins >= 0 &&
    one.twins === other.twins &&
    one.name.toLowerCase() === other.name.toLowerCase()
  );
}

/** How likely the term means one of the best match's kin: many tables may have the column that is meant, each with its share of the confidence. */
function confidenceOfAny(all: readonly TermMatch[], best: TermMatch, settings: MapSettings): number {
  const kin = all.filter((m) => m.kind === best.kind && m.confidence >= settings.rivalShare * best.confidence);
  return kin.reduce((sum, m) => sum + m.confidence, 0);
}

function matchesOf(
  index: TermIndex,
  request: TermRequest,
  kinds: ReadonlySet<MatchKind>,
  limit: number,
  learned: readonly LearnedMapping[],
  correction: Correction | undefined,
): readonly TermMatch[] {
  const exact = exactRef(index, request.term, kinds);
  if (exact !== undefined) return [exact];
  const pinned = pinnedTables(index, request.tables);
  const whole = isWholeQuestion(request.term, request.question) && (kinds.has("column") || kinds.has("table"));
  const found = [
    ...glossaryMatches(index, request.term, kinds),
    ...(whole
      ? wholeQuestion(index, request, kinds, limit, pinned)
      : corrected(ranked(index, request, kinds, limit, pinned), request.term, correction)),
  ];
  return settled(applyLearned(index, found, request.term, kinds, learned), whole);
}

/** Tables that the caller named, as numbers; undefined where none was. */
function pinnedTables(index: TermIndex, refs: readonly string[] | undefined): ReadonlySet<number> | undefined {
  if (refs === undefined || refs.length === 0) return undefined;
  const names = new Set(refs.map((r) => resolveRef(index.view.snapshot, r)?.table).filter((t) => t !== undefined));
  return new Set(index.view.snapshot.tables.flatMap((t, i) => (names.has(t) ? [i] : [])));
}

function wholeQuestion(
  index: TermIndex,
  request: TermRequest,
  kinds: ReadonlySet<MatchKind>,
  limit: number,
  pinned: ReadonlySet<number> | undefined,
): readonly TermMatch[] {
  const byRef = columnsByRef(index);
  const columns = (kinds.has("column") ? rankColumns(index, request.term) : []).flatMap((r): TermMatch[] => {
    const column = byRef.get(r.ref);
    if (column === undefined || pinned?.has(column.table) === false) return [];
    return [
      {
        kind: "column",
        ref: r.ref,
        type: column.type,
        confidence: r.confidence,
        why: [{ signal: "question", score: roundScore(r.confidence) }],
      },
    ];
  });
  const tables = !kinds.has("table")
    ? []
    : rankTables(index, request.term).map(
        (r): TermMatch => ({
          kind: "table",
          ref: r.ref,
          confidence: r.confidence,
          why: [{ signal: "question", score: roundScore(r.confidence) }],
        }),
      );
  return [...columns.slice(0, limit), ...tables.slice(0, limit)];
}

const refs = new WeakMap<TermIndex, ReadonlyMap<string, TermIndex["columns"][number]>>();

function columnsByRef(index: TermIndex): ReadonlyMap<string, TermIndex["columns"][number]> {
  const known = refs.get(index);
  if (known !== undefined) return known;
  const made = new Map(index.columns.map((c) => [c.ref, c]));
  refs.set(index, made);
  return made;
}

function ranked(
  index: TermIndex,
  request: TermRequest,
  kinds: ReadonlySet<MatchKind>,
  limit: number,
  pinned: ReadonlySet<number> | undefined,
): readonly TermMatch[] {
  const { context, columns } = layPhrase(index, request.term, request.question, pinned);
  if (context.places.counts) return [];
  const allowed = columns.filter((id) => pinned?.has(index.columns[id]?.table ?? -1) !== false);
  const tables = context.tables.filter((t) => pinned?.has(t) !== false);
  const most = limit + 3;
  const named = {
    ...(kinds.has("column") ? { column: scoreColumns(context, allowed).slice(0, most) } : {}),
    ...(kinds.has("table") ? { table: scoreTables(context, tables).slice(0, most) } : {}),
  };
  const withValues = (of: typeof pinned): Ranked =>
    judged(index, kinds.has("value") ? { ...named, value: scoreValues(context, of).slice(0, most) } : named);
  const all = withValues(pinned);
  const found: TermMatch[] = [];
  for (const { id, confidence, opposite } of all.column ?? []) {
    const column = index.columns[id];
    const why = opposite === true ? [ruledOutByName] : columnWhy(context, id);
    if (column !== undefined) found.push({ kind: "column", ref: column.ref, type: column.type, confidence, why });
  }
  for (const { id, confidence, opposite } of all.table ?? []) {
    const why = opposite === true ? [ruledOutByName] : tableWhy(context, id);
    found.push({ kind: "table", ref: index.tables[id]?.ref ?? "", confidence, why });
  }
  const asMatches = ({ value = [] }: Ranked) => value.map((v) => valueMatch(context, v.hit, v.confidence));
  const stored = asMatches(all);
  found.push(...stored);
  if (kinds.has("value") && pinned === undefined) found.push(...codedMatches(index.view, stored, beside));
  else if (kinds.has("value")) {
    // Where tables are pinned, their codes of labels that stand elsewhere too.
    const isPinned = ({ ref }: TermMatch) => pinned?.has(columnsByRef(index).get(ref)?.table ?? -1) === true;
    found.push(...codedMatches(index.view, asMatches(withValues(undefined)), alone).filter(isPinned));
  }
  const codes = otherwiseStored(context, all.value ?? []);
  const asSure = (hits: ReadonlyMap<ValueHit, number>) =>
    ahead(
      found,
      [...hits].map(([hit, confidence]) => valueMatch(context, hit, confidence)),
    );
  if (codes.size > 0 && !isNamed(all)) return asSure(codes);
  const spelled = kinds.has("column") ? spelledColumn(context, request.term, allowed) : undefined;
  if (spelled !== undefined) return withSpelled(context, found, spelled);
  const said = kinds.has("value") ? valuesBeforeNames(context) : new Map<ValueHit, number>();
  const kindsOfRows = [...said].filter(([{ column }]) => pinned?.has(index.columns[column]?.table ?? -1) !== false);
  if (kindsOfRows.length > 0) return asSure(new Map(kindsOfRows));
  const columnsSo = (some: ReadonlyMap<number, number>) =>
    kinds.has("column") ? columnMatches(context, some, pinned) : [];
  const told = columnsSo(toldOfRows(context));
  if (told.length > 0) return ahead(found, told);
  const counted = kinds.has("table") ? countedRows(context) : new Map<number, number>();
  if (counted.size > 0) return ahead(found, rowsMatches(context, counted, "its rows are counted", pinned));
  const linked = kinds.has("table") ? linkedRows(context) : new Map<number, number>();
  if (linked.size > 0) return ahead(found, rowsMatches(context, linked, "a table beside it is named first", pinned));
  const isTold = found.some((m) => m.confidence >= defaultMapSettings.evenConfidence);
  const [table] = all.table ?? [];
  const isTable = table !== undefined && found.every((m) => m.confidence <= table.confidence);
  const ofTable = isTable ? kindsOfTable(context, table.id, all.value ?? []) : new Map<ValueHit, number>();
  if (ofTable.size > 0) return asSure(ofTable);
  if (isTold) return found;
  const several = severalStored(context, all.value ?? []);
  if (several.size > 0) return asSure(several);
  const lightly = [calledByRest, keysOfRole].flatMap((called) => columnsSo(called(context)));
  return [...found, ...lightly, ...headed(context, kinds, pinned)];
}

/** What is left of other matches beside the rows that a term counts, or the code that stands for it. */
const otherwiseMeant = 0.1;

/** Some matches before all else that was found. */
function ahead(found: readonly TermMatch[], sure: readonly TermMatch[]): readonly TermMatch[] {
  return [...sure, ...found.map((m) => ({ ...m, confidence: m.confidence * otherwiseMeant }))];
}

/** The tables whose rows a term means. */
function rowsMatches(
  { index }: PhraseContext,
  tables: ReadonlyMap<number, number>,
  detail: string,
  pinned: ReadonlySet<number> | undefined,
): readonly TermMatch[] {
  return [...tables].flatMap(([id, confidence]): TermMatch[] => {
    const why = [{ signal: "rows", score: 1, detail }];
    return pinned?.has(id) === false ? [] : [{ kind: "table", ref: index.tables[id]?.ref ?? "", confidence, why }];
  });
}

/** Columns that a term calls in part or by the way. */
function columnMatches(
  context: PhraseContext,
  columns: ReadonlyMap<number, number>,
  pinned: ReadonlySet<number> | undefined,
): readonly TermMatch[] {
  return [...columns].flatMap(([id, confidence]): TermMatch[] => {
    const column = context.index.columns[id];
    if (column === undefined || pinned?.has(column.table) === false) return [];
    return [{ kind: "column", ref: column.ref, type: column.type, confidence, why: columnWhy(context, id) }];
  });
}

/** Tables, or else columns, whose whole name is a term's head, where its other words are names of nothing here. */
function headed(
  context: PhraseContext,
  kinds: ReadonlySet<MatchKind>,
  pinned: ReadonlySet<number> | undefined,
): readonly TermMatch[] {
  const { index } = context;
  const { tables, columns } = calledByHead(context);
  const why = [{ signal: "head", score: 1, detail: "its last word is the whole name" }];
  const rows = [...tables].flatMap(([id, confidence]): TermMatch[] =>
    pinned?.has(id) === false ? [] : [{ kind: "table", ref: index.tables[id]?.ref ?? "", confidence, why }],
  );
  if (kinds.has("table") && rows.length > 0) return rows;
  return [...columns].flatMap(([id, confidence]): TermMatch[] => {
    const column = index.columns[id];
    if (!kinds.has("column") || column === undefined || pinned?.has(column.table) === false) return [];
    return [{ kind: "column", ref: column.ref, type: column.type, confidence, why }];
  });
}

/** Why a match is hardly one: its name says the opposite of the term. */
const ruledOutByName: Signal = { signal: "opposite", score: 1 };

/** Best first by kind; a kind that was not asked for is absent. */
interface Ranked {
  readonly column?: readonly Scored[];
  readonly table?: readonly Scored[];
  readonly value?: readonly ScoredValue[];
}

/** The same, each as likely as it is beside those of the other kinds. Whoever asks for one kind of thing has said that there is one. */
function judged(index: TermIndex, ranked: Ranked): Ranked {
  if (Object.keys(ranked).length < 2) return ranked;
  const likely = amongKinds(index, ranked);
  const { column, table, value } = ranked;
  const at = <T extends Scored>(kind: Kind, some: readonly T[]): readonly T[] =>
    some.map((one, i) => ({ ...one, confidence: likely[kind][i] ?? 0 }));
  return {
    ...(column === undefined ? {} : { column: at("column", column) }),
    ...(table === undefined ? {} : { table: at("table", table) }),
    ...(value === undefined ? {} : { value: at("value", value) }),
  };
}

/** Sorted; one match a thing; where kinds compete for the whole of the probability, it is shared. */
function settled(found: readonly TermMatch[], whole: boolean): readonly TermMatch[] {
  const best = new Map<string, TermMatch>();
  for (const match of found) {
    const key = `${match.kind}\u0000${match.ref}\u0000${match.value ?? ""}`;
    const known = best.get(key);
    if (known === undefined || known.confidence < match.confidence) best.set(key, match);
  }
  const list = [...best.values()];
  // A whole question needs several things at once: they do not compete.
  const share = whole ? 1 : shareOfKinds(list);
  const oneOf = list.filter(isOneOfSeveral).length;
  const fixed = (m: TermMatch) => (isCertain(m) ? 1 : share / (isOneOfSeveral(m) ? oneOf : 1));
  return list
    .map((m) => ({ ...m, confidence: roundScore(m.confidence * fixed(m)) }))
    .sort((a, b) => b.confidence - a.confidence || rankOf(a) - rankOf(b));
}

/** Kinds leave room for one another already; where the best of each come to more than what is left beside a certain match, they share that. */
function shareOfKinds(list: readonly TermMatch[]): number {
  const best = (of: readonly TermMatch[]) => Math.max(0, ...of.map((m) => m.confidence));
  const left = 1 - best(list.filter(isCertain));
  const others = list.filter((m) => !isCertain(m));
  const sum = allKinds.reduce((total, kind) => total + best(others.filter((m) => m.kind === kind)), 0);
  return sum <= left ? 1 : left / sum;
}

const certain = new Set(["confirmed", "glossary"]);
/** Metrics of which a word names one without saying which: they share what their kind is worth. */
const isOneOfSeveral = (m: TermMatch): boolean => m.why[0]?.signal === "glossary_part";
const isCertain = (m: TermMatch): boolean => m.why.some((w) => certain.has(w.signal));
const rankOf = (m: TermMatch): number => allKinds.indexOf(m.kind);

/** How many spellings are offered where nothing fits. */
const maxSuggestions = 3;

/** In larger schemas comparing every name with the term takes longer than it helps, columns. */
const maxCompared = 3_000;

function didYouMean(index: TermIndex, term: string, matches: readonly TermMatch[]): readonly string[] {
  const near = index.columns.length > maxCompared ? [] : nearestRefs(index, term);
  return [...new Set([...near, ...matches.slice(0, maxSuggestions).map((m) => m.ref)])].slice(0, maxSuggestions);
}

function nearestRefs(index: TermIndex, term: string): readonly string[] {
  const byName = new Map<string, string>();
  for (const table of index.tables) byName.set(table.name, table.ref);
  for (const column of index.columns) if (!byName.has(column.name)) byName.set(column.name, column.ref);
  return nearestNames(term, [...byName.keys()], maxSuggestions).map((n) => byName.get(n) ?? n);
}

function clarify(term: string, a: TermMatch, b: TermMatch | undefined): string {
  const say = (m: TermMatch) => (m.value === undefined ? m.ref : `${m.ref} = ${JSON.stringify(m.value)}`);
  return b === undefined
    ? `Is "${term}" ${say(a)}, or nothing that is stored here?`
    : `By "${term}", do you mean ${say(a)} or ${say(b)}?`;
}
