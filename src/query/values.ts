/**
 * Filter values as they are stored: the glossary's words for values, and spellings that differ from the stored one by case, accents or
 * blanks alone. A value is replaced only where it is known not to be stored as given; the answer says so. Pure.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import { resolveRef, tableKey } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import { codeOf } from "../terms/coded.js";
import { nearestNames } from "../terms/nearest.js";
import { standsFor } from "../terms/standard-codes.js";
import { saysSame } from "../terms/values.js";
import { isShortOf } from "./abbreviations.js";
import type { QueryContext } from "./answer.js";
import type { Item, ResolvedFilter } from "./resolved.js";
import { refuse } from "./stop.js";
import { fold, isSpeltSo, knownValues } from "./stored.js";
import { isNumeric, typeClass } from "./tables.js";
import type { TermReader } from "./terms.js";
import { timeKindOf } from "./time-kinds.js";

type Scalar = string | number | boolean;

/** The filter with its values as stored. Only equality and lists are looked at: patterns and ranges stay as given. */
export function storedValues(filter: ResolvedFilter, context: QueryContext, terms: TermReader): ResolvedFilter {
  const absent = nullWord(filter, context, terms);
  if (absent !== undefined) return absent;
  const moment = momentOf(filter.item, context, terms);
  if (moment !== undefined) {
    sayFirstMoment(filter, moment, terms);
    return { ...filter, moment };
  }
  const { op, value, item } = filter;
  if (value === undefined || (op !== "=" && op !== "!=" && op !== "in" && op !== "not_in")) return filter;
  const text = typeClass(item.column.type, context.view.snapshot.dialect) === "text";
  const one = (v: Scalar): Scalar =>
    typeof v === "string" || (typeof v === "boolean" && text) ? stored(String(v), item, context, terms) : v;
  return { ...filter, value: Array.isArray(value) ? (value as Scalar[]).map(one) : one(value) };
}

/** A day compared with moments is its midnight (ISO 9075-2, cast of a date): said where the rest of that day decides which rows are meant. */
function sayFirstMoment(
  filter: ResolvedFilter,
  { kind }: NonNullable<ResolvedFilter["moment"]>,
  terms: TermReader,
): void {
  if (kind === "date" || kind === "text_date") return;
  const given = [filter.value].flat();
  const deciding =
    filter.op === "between" ? given.slice(1) : ["=", "!=", "<=", ">", "in", "not_in"].includes(filter.op) ? given : [];
  const day = deciding.find((value) => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value.trim()));
  if (day === undefined) return;
  const ref = terms.columnRef(filter.item.table, filter.item.column.name);
  terms.assume(
    "day_is_midnight",
    `${ref} has times of day: "${String(day)}" stands for its first moment. Whole days: \`time.range\`, or "<" with the day after.`,
  );
}

/** The word "null" against a column that cannot hold the word: what has no value. */
function nullWord(filter: ResolvedFilter, context: QueryContext, terms: TermReader): ResolvedFilter | undefined {
  const { op, value, item } = filter;
  if ((op !== "=" && op !== "!=") || typeof value !== "string" || value.trim().toLowerCase() !== "null")
    return undefined;
  const type = typeClass(item.column.type, context.view.snapshot.dialect);
  if (type === "text" || type === "other") return undefined;
  const ref = terms.columnRef(item.table, item.column.name);
  terms.assume("null_word", `"${value}" means that ${ref} has no value: it cannot hold the word.`);
  return { item, op: op === "=" ? "is_null" : "is_not_null" };
}

/** How a column holds times, where its type or its stored values say so. */
function momentOf(item: Item, context: QueryContext, terms: TermReader): ResolvedFilter["moment"] {
  const table = terms.table(item.table);
  const kind = timeKindOf(table, item.column, context);
  const { dialect } = context.view.snapshot;
  const seen = context.view.statistics.tables[tableKey(table)]?.columns[item.column.name];
  const samples = [...(seen?.values?.map((v) => v.value) ?? []), seen?.min, seen?.max].filter((v) => v !== undefined);
  if (kind === undefined || (typeClass(item.column.type, dialect) === "text" && samples.length === 0)) return undefined;
  const plain = samples.every((s) => /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(String(s)));
  return { kind, zone: context.settings.timeZone, mixed: dialect === "sqlite" && kind === "text_time" && !plain };
}

function stored(given: string, item: Item, context: QueryContext, terms: TermReader): Scalar {
  const table = terms.table(item.table);
  const known = knownValues(item.column, table, context);
  if (known?.list.some((v) => String(v) === given) === true) {
    sayVariants(given, known.list, terms.columnRef(item.table, item.column.name), terms);
    return given;
  }
  const named = glossaryValue(given, item, table, context);
  const ref = terms.columnRef(item.table, item.column.name);
  if (named !== undefined) {
    terms.assume("value", `"${given}" is ${JSON.stringify(named)} in ${ref}, as the glossary says.`);
    return named;
  }
  const coded = codeOf(context.view, ref, given);
  const holds = (code: string | number) => known?.list.some((v) => String(v) === String(code)) === true;
  // A column of numbers holds no label; one of texts might, unless all that it holds is known.
  const isNumber = isNumeric(typeClass(item.column.type, context.view.snapshot.dialect)) && Number.isNaN(Number(given));
  if (coded !== undefined && (isNumber || (known?.complete === true && holds(coded.code)))) {
    terms.assume("value", `"${given}" is ${JSON.stringify(coded.code)} in ${ref}, as ${coded.labels} says.`);
    return coded.code;
  }
  if (known === undefined || !known.complete) return given;
  const alike = known.list.filter((v) => fold(String(v)) === fold(given));
  const [only] = alike;
  if (only !== undefined && alike.length === 1) {
    terms.assume("value", `"${given}" is stored as ${JSON.stringify(only)} in ${ref}.`);
    return only;
  }
  const codes = known.list.filter((v) => standsFor(v, given));
  const [code] = codes;
  if (code !== undefined && codes.length === 1) {
    terms.assume("value", `"${given}" is stored as the code ${JSON.stringify(code)} in ${ref}.`);
    return code;
  }
  const [same, other] = known.list.filter((v) => saysSame(v, given) || isSpeltSo(String(v), given));
  if (same !== undefined && other === undefined) {
    terms.assume("value", `"${given}" is stored as ${JSON.stringify(same)} in ${ref}.`);
    return same;
  }
  const [short, second] = known.list.filter((v) => isShortFor(String(v), given));
  if (short !== undefined && second === undefined) {
    terms.assume("value", `"${given}" is taken for ${JSON.stringify(short)} in ${ref}.`);
    return short;
  }
  const matched = resolved(given, ref, context);
  if (matched !== undefined && known.list.some((v) => v === matched)) {
    terms.assume("value", `"${given}" is taken for ${JSON.stringify(matched)} in ${ref}.`);
    return matched;
  }
  const near = known.list.slice(0, 5).map((v) => JSON.stringify(v));
  const alikeNames = nearestNames(given, known.list.map(String), 2);
  const instead = alikeNames.map((value) => ({
    why: `${ref} holds ${JSON.stringify(value)}`,
    intent: terms.withValue(item.place, given, value),
  }));
  if (known.closed === true) {
    const candidates = known.list.map(String).slice(0, 20);
    refuse(error("unknown_value", `${ref} cannot hold "${given}".`, { candidates }), instead);
  }
  terms.looser.push(...instead, {
    why: `no row has that value; without the filter on ${item.term}`,
    intent: terms.without(item.place),
  });
  terms.assume(
    "unknown_value",
    `${ref} holds no "${given}" now (it holds ${near.join(", ")}${known.list.length > 5 ? ", …" : ""}).`,
  );
  return given;
}

/** Whether a stored code is one word shortened (`OPN`, `ACT`). */
function isShortFor(stored: string, given: string): boolean {
  const isWord = /^\p{L}+$/u.test(given) && /^\p{L}+$/u.test(stored);
  return isWord && stored.length < given.length && isShortOf(stored.toLowerCase(), given.toLowerCase());
}

/** Other spellings that are stored of a value: they are not meant, and seldom meant to be another thing. */
function sayVariants(given: string, list: readonly (string | number)[], ref: string, terms: TermReader): void {
  const others = list.map(String).filter((v) => v !== given && fold(v) === fold(given));
  if (others.length === 0) return;
  const all = JSON.stringify([given, ...others]);
  terms.assume(
    "value_variants",
    `${ref} holds other spellings of "${given}", which are left out: "in" ${all} takes all.`,
  );
}

/** What the glossary calls by this name in this very column. */
function glossaryValue(given: string, item: Item, table: Table, context: QueryContext): string | number | undefined {
  const wanted = nameWords(given).join(" ");
  const entry = context.glossary.terms.find(
    (t) => t.value !== undefined && [t.name, ...t.synonyms].some((n) => nameWords(n).join(" ") === wanted),
  );
  const found = entry && resolveRef(context.view.snapshot, entry.ref);
  return found !== undefined && tableKey(found.table) === tableKey(table) && found.column === item.column.name
    ? entry?.value
    : undefined;
}

/** A value the resolver is nearly sure of, in this column. */
function resolved(given: string, ref: string, context: QueryContext): string | number | undefined {
  const { matches } = context.resolve({ term: given, kinds: ["value"], limit: 3 });
  const [best] = matches.filter((m) => m.kind === "value" && m.ref === ref);
  return best !== undefined && best.confidence >= 0.9 ? best.value : undefined;
}
