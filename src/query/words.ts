/** Words of names that speak of a role, and those that only say "this is a key". Pure. */

import { singular } from "../schema/name-words.js";
import { relatedness, same } from "../terms/synonyms.js";

/** Words that say "this is a key" and nothing of a role. */
export const keyWords: ReadonlySet<string> = new Set([
  "id",
  "key",
  "fk",
  "sk",
  "no",
  "num",
  "nr",
  "code",
  "cd",
  "ref",
  "reference",
  "number",
]);

/** Endings of nouns for what a verb does, behind its stem. */
const deeds = /^(?:at?ion|ition|ion|al|ure|ance|ence|y|ity)$/;
/** What verbs do that have a noun of another stem. */
const otherDeeds: ReadonlyMap<string, string> = new Map([
  ["sell", "sale"],
  ["buy", "purchase"],
  ["give", "gift"],
  ["lend", "loan"],
  ["choose", "choice"],
  ["lose", "loss"],
]);
/** Letters of the shortest stem that says which verb it is. */
const leastStem = 4;

/** Whether a noun is what a verb does, or of one stem with it (`termination` and `terminate`, `approval` and `approve`). */
export function isDeed(noun: string, verb: string): boolean {
  if (sameStem(noun, verb) || otherDeeds.get(verb) === noun) return true;
  // "admit" and "admission", "decide" and "decision"
  if (noun.endsWith("sion") && [verb.replace(/t$/, "ssion"), verb.replace(/de?$/, "sion")].includes(noun)) return true;
  const stem = verb.replace(/e$/, "");
  if (stem.length < leastStem || !noun.startsWith(stem)) return false;
  const end = noun.slice(stem.length);
  return deeds.test(end) || (end.startsWith(stem.slice(-1)) && deeds.test(end.slice(1)));
}

/** Whether two words are one, or one a shortening or other form of the other, or both words for the same thing in business. */
export function sameWord(a: string, b: string): boolean {
  if (a === b || sameStem(a, b) || relatedness(a, b) >= same) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 3 && long.startsWith(short);
}

/** Whether two words mean the same role: equal, or one a stem of the other (`bill` and `billing`, `ship` and `shipping`, `cancel` and `cancelled`). */
export function sameStem(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length < 3 || !long.startsWith(short)) return false;
  const end = long.slice(short.length);
  const doubled = end.startsWith(short.slice(-1)) ? end.slice(1) : end;
  return /^(?:e?r|ment|d)$/.test(end) || /^(?:ing|ed|er)$/.test(doubled);
}

/** Nouns for money that is made or spent, as they are said of all of it. */
const moneyWords: ReadonlySet<string> = new Set(
  "revenue revenues turnover income sales spend spending expenditure expenditures expenses cost costs earnings proceeds profit profits billings budget fees charges commissions taxes donations premiums premium fee charge tax donation expense commission receivable receivables payable payables".split(
    " ",
  ),
);

/** Whether a phrase is about money ("net sales"), not about the rows that tell of it. */
export function saysMoney(phrase: string): boolean {
  return moneyWords.has(phrase.toLowerCase().match(/[\p{L}\p{N}]+$/u)?.[0] ?? "");
}

/** Endings of nouns for what goes on, of which there is more or less, and other such nouns. */
const massEnds = /(?:[ts]ion|ance|ence|age|ing)$/;
const massWords: ReadonlySet<string> = new Set(
  "pipeline backlog funnel target quota budget forecast tax spend output demand traffic load volume yield turnover freight cash waste water power energy rent interest work labor labour payroll".split(
    " ",
  ),
);

/** Whether a phrase, but for a participle behind it, ends with a noun that stands for no single rows: "wind generation", "tax collected". */
export function saysMass(phrase: string): boolean {
  const head = headOf(phrase);
  return massWords.has(head) || massEnds.test(head);
}

/** Whether a phrase is about several of something: "loans accepted", and not "financial aid". */
export function saysSeveral(phrase: string): boolean {
  const head = headOf(phrase);
  return singular(head) !== head || collective.has(head);
}

/** Words for several people or things that have no plural. */
const collective: ReadonlySet<string> = new Set(
  "faculty staff personnel workforce crew people men women children".split(" "),
);

/** Participles that do not end as others do. */
const irregular: ReadonlySet<string> = new Set(
  "bound sold lost won sent paid made held spent bought left kept built due".split(" "),
);

/** The last word of what a phrase is about, but for a participle behind it: of "tax collected" the tax, of "students in housing" the students. */
export function headOf(phrase: string): string {
  const [about = ""] = phrase.toLowerCase().split(/(?<!\bout) (?:in|on|of|by|with|without|for|at|from|to|per) /);
  const words = about.match(/\p{L}+/gu) ?? [];
  const [last = "", before = ""] = words.toReversed();
  const isParticiple = /(?:ed|en)$/.test(last) || irregular.has(last) || (last.endsWith("ing") && before.endsWith("s"));
  return words.length > 1 && isParticiple ? before : last;
}

/** Rows that tell of money which is moved: it may be meant, or how often it was. */
const movedWords: ReadonlySet<string> = new Set(
  "payment refund discount deposit withdrawal disbursement payout reimbursement rebate contribution repayment dividend fine penalty".split(
    " ",
  ),
);

/** Whether a phrase, but for a participle behind it, ends with a word for money that is moved ("payments received"). */
export function saysMoved(phrase: string): boolean {
  return movedWords.has(singular(headOf(phrase)));
}

/** Last words of phrases that say no more than that there are rows. */
const rowWords: ReadonlySet<string> = new Set(
  "record records row rows entry entries item items list data member members case cases count number total snapshot snapshots".split(
    " ",
  ),
);

/** Whether a phrase ends with a word for rows of any kind ("stock records"). */
export function saysRows(phrase: string): boolean {
  return rowWords.has(phrase.toLowerCase().match(/\p{L}+$/u)?.[0] ?? "");
}

const periodWords: ReadonlySet<string> = new Set([
  "hourly",
  "daily",
  "weekly",
  "monthly",
  "quarterly",
  "yearly",
  "annual",
]);

/** Whether a name's words begin with how often its rows tell of a period: `daily_active_users` are days. */
export const isPerPeriod = ([first = ""]: readonly string[]): boolean => periodWords.has(first);

/** Words of numbers that nobody adds up, by whatever they are called besides. */
export const unaddedWords: readonly string[] =
  "per min max csat nps gpa satisfaction rate ratio pct percent percentage age year avg average score rating latitude longitude lat lon star latency dau wau mau rank probability likelihood".split(
    " ",
  );

/** Words of columns whose values are not amounts: adding them up says nothing. */
export const rateWords: ReadonlySet<string> = new Set([
  ...unaddedWords,
  ..."price index margin temperature level grade".split(" "),
]);

/** What a key's words say before those for whom it refers to (`csm` of `csm_user_id`); `undefined` where it names nobody. */
export function roleOfPerson(words: readonly string[]): readonly string[] | undefined {
  const [last = "", before = ""] = words.toReversed();
  return words.length > 2 && keyWords.has(last) && people.has(before) ? words.slice(0, -2) : undefined;
}

/** Words for people in general. */
const people: ReadonlySet<string> = new Set(["user", "person", "employee", "staff", "member", "contact", "people"]);
