/**
 * A measure's phrase that says more than what is counted or added up: which rows ("defaulted loans"), or by what time ("accounts opened"). It is read as
 * the question that it stands for ("how many …", "total …"). Pure.
 */

import { error } from "../issue.js";
import { singular } from "../schema/name-words.js";
import type { QueryContext } from "./answer.js";
import type { Aggregation, Filter, Intent } from "./intent.js";
import { readQuestion } from "./question.js";
import { QuestionTerms } from "./question-terms.js";
import { aggregations, counting } from "./question-words.js";
import { spokenWords } from "./spoken-words.js";
import { refuse } from "./stop.js";
import { isWholeAmount } from "./tables.js";
import { headOf, sameStem, saysMass, saysMoney } from "./words.js";

type AskedMeasure = NonNullable<Intent["measures"]>[number];

export interface SpokenMeasure {
  /** Ref of the table whose rows count, or of the column; or a metric, which has its own aggregates. */
  readonly term: string;
  readonly agg?: Aggregation;
  readonly filters: readonly Filter[];
  /** Ref of the time by which its rows go, where the phrase tells it. */
  readonly time?: string;
  /** Ref of the amount of which something is left of the rows that count: it may be meant itself ("outstanding loans"). */
  readonly left?: string;
}

/** How questions begin that ask for an aggregate. */
const openings: ReadonlyMap<Aggregation | undefined, readonly string[]> = new Map([
  [undefined, ["how many", "total"]],
  ["count", ["how many"]],
  ["sum", ["total", "total amount of"]],
  ["avg", ["average", "average amount of"]],
  ["min", ["minimum"]],
  ["max", ["maximum"]],
  ["median", ["median"]],
]);

/** Below this probability that a phrase was read as meant it is not. */
const sureEnough = 0.5;

/** The same where an aggregate is given: that rows might be counted instead is no doubt then. */
const sureOfAmount = 0.35;

/** Any period: that one is asked about shows by which time a phrase's rows go. */
const somePeriod = "March 2000";

/** What a phrase says; `isTimed`: rows of a period are asked for. `undefined` where it is not understood. */
export function spokenMeasure(
  { term, agg }: AskedMeasure,
  isTimed: boolean,
  context: QueryContext,
): SpokenMeasure | undefined {
  // "overdraft fees" are their amount, "wind generation" is what was generated.
  const isAmount = agg === undefined && (saysMoney(term) || saysMass(term));
  // "PO amount" is no number of orders.
  const isSum = agg === undefined && isWholeAmount(headOf(term));
  const asked = isSum ? ["sum" as const] : isAmount ? ["sum" as const, "count" as const] : [agg];
  for (const opening of asked.flatMap((a) => openings.get(a) ?? [])) {
    const question = `${opening} ${term}${isTimed ? ` in ${somePeriod}` : ""}`;
    const spoken = heard(question, isTimed, agg, context);
    if (spoken === "either") return undefined;
    // "preventive maintenance" is not one of the amounts of its rows, where none is called so.
    const isOther = isAmount && !saysMoney(term) && spoken?.agg === "sum" && !namesHead(term, spoken.term);
    if (spoken !== undefined && !isOther) return spoken;
  }
  return undefined;
}

/** Whether the name of a column, by its Ref, has the word in it that a phrase is about. */
function namesHead(phrase: string, ref: string): boolean {
  const [name = ""] = ref.split(".").toReversed();
  return spokenWords(name).some((word) => sameStem(word, singular(headOf(phrase))));
}

function heard(
  question: string,
  isTimed: boolean,
  given: Aggregation | undefined,
  context: QueryContext,
): SpokenMeasure | "either" | undefined {
  const sure = given === "sum" || given === "avg" ? sureOfAmount : sureEnough;
  const read = readQuestion(question, { ...context, isMadeUp: true });
  if (!read.ok && read.issues.some(({ candidates = [] }) => candidates.length > 1)) return "either";
  if (!read.ok || "options" in read.value || read.value.confidence < sure) return undefined;
  const { measures = [], filters = [], time, ...others } = read.value.intent;
  const [measure, second] = measures;
  if (measure === undefined || second !== undefined || Object.keys(others).length > 0) return undefined;
  // The period must have been taken for one, and nothing else for a period.
  if ((time?.range === somePeriod) !== isTimed) return undefined;
  const { term, agg } = measure;
  const [only, other] = filters;
  const isLeft = given === undefined && other === undefined && only?.op === ">" && only.value === 0;
  // A column alone is the resolver's to find.
  if (filters.length === 0 && time?.term === undefined && agg !== "count") return undefined;
  return {
    term,
    filters,
    ...(agg === undefined ? {} : { agg }),
    ...(isLeft ? { left: only.term } : {}),
    ...(time?.term === undefined ? {} : { time: time.term }),
  };
}

/** Whether something is called so, and whether some column's name holds all words of a term ("mean temperature": `mean_temperature_f`). */
interface Names {
  /** Refs of what is called so; `undefined` where it is a Ref itself, or the glossary's word. */
  called(term: string, place: string): readonly string[] | undefined;
  isHeld(term: string): boolean;
  /** Whether a table is called so. */
  areRows(term: string): boolean;
  /** Whether rows of the table that is called so hold from one day until another. */
  holdsFromTo(term: string): boolean;
}

/** The intent with the aggregates that its measures' phrases begin with ("average loan principal") told apart, where no name says so. */
export function withAggregates(intent: Intent, names: Names): Intent {
  const measures = intent.measures?.map((m, i) => {
    const place = `measures[${i}]`;
    const people = headcount.test(m.term)
      ? peopleWords.find((word) => names.called(word, place)?.length !== 0)
      : undefined;
    const isHeadcount = people !== undefined;
    const led = m.agg !== undefined ? undefined : isHeadcount ? employed(people, intent, names) : ledBy(m.term);
    const counted = m.agg === undefined ? /^(.+) counts?$/i.exec(m.term.trim())?.[1] : undefined;
    if (counted !== undefined && names.called(m.term, place)?.length === 0 && names.areRows(counted))
      return { ...m, term: counted, agg: "count" as const, as: m.as ?? resultName(m.term) };
    if (led === undefined) return m;
    const whole = names.called(m.term, place);
    const rest = names.called(led.term, place);
    // "average GPA" is of a grade point average: the column is called so without the aggregate, too.
    const isSame = whole?.some((ref) => rest?.includes(ref)) === true;
    if (!isSame && (whole?.length !== 0 || (!isHeadcount && names.isHeld(m.term)))) return m;
    return { ...m, ...led, as: m.as ?? resultName(m.term) };
  });
  return measures === undefined ? intent : { ...intent, measures };
}

/** What those are called who are employed. */
const peopleWords: readonly string[] = ["employees", "staff", "personnel", "workers"];

const headcount = /^\s*head[ -]?count\s*$/i;

/** Employees, where that is known those who are employed today; over a period there are none: people came and went. */
function employed(
  term: string,
  { time, filters = [] }: Intent,
  names: Names,
): Pick<AskedMeasure, "term" | "agg" | "filters"> {
  if (time?.range !== undefined || time?.grain !== undefined) {
    const help = `Count ${term} with a filter \`as_of\` a day, or those hired or gone in a period.`;
    refuse(error("invalid_argument", "A headcount is of a day, and of no period.", { help }));
  }
  if (!names.holdsFromTo(term) || filters.some((f) => f.op === "as_of")) return { term, agg: "count" };
  return { term, agg: "count", filters: [{ term, op: "as_of", value: "today" }] };
}

function ledBy(term: string): Pick<AskedMeasure, "term" | "agg"> | undefined {
  const said = term.trim().toLowerCase();
  const words: readonly (readonly [string, Aggregation])[] = [
    ...counting.map((c) => [c, "count"] as const),
    // What is a total is for the column to say.
    ...[...aggregations].filter(([, agg]) => agg !== "sum"),
  ];
  const found = words.find(([word]) => said.startsWith(`${word} `));
  return (
    found && {
      term: term
        .trim()
        .slice(found[0].length)
        .replace(/^ +(?:of +)?/i, ""),
      agg: found[1],
    }
  );
}

/** What people call a measure as a result column's name. */
export const resultName = (said: string): string =>
  said
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, "_")
    .replaceAll(/^_|_$/g, "")
    .slice(0, maxNameLength);

/** Characters of an alias, as the intent has it. */
const maxNameLength = 63;

/**
 * What a phrase says before the name of a table that it ends with, where that is no name with it: "non-performing" of "non-performing loans". `undefined` where
 * it says no more than which table.
 */
export function unsaid(
  term: string,
  context: QueryContext,
): { readonly table: number; readonly words: string } | undefined {
  const terms = new QuestionTerms({ ...context, isMadeUp: true }, term);
  const words = term.toLowerCase().split(/\s+/);
  const rest = words.slice(words.findIndex((w) => !uninformative.has(w)));
  if (terms.table(rest.join(" ")) !== undefined) return undefined;
  for (let k = 1; k < rest.length; k++) {
    const table = terms.table(rest.slice(k).join(" "));
    if (table !== undefined && table.confidence >= surelyCalled)
      return { table: table.table, words: rest.slice(0, k).join(" ") };
  }
  return undefined;
}

/** How surely a table is called by what a phrase ends with. */
const surelyCalled = 0.9;

/** Words before a table's name that leave none of its rows out. */
const uninformative: ReadonlySet<string> = new Set("total all overall number count of the distinct unique".split(" "));
