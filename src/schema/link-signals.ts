/**
 * What speaks for and against a candidate link, as numbers that a linear model weighs. Pure. Each signal is in [0, 1]; their names are shown as
 * evidence, so they are words, not indices.
 */

import { type Candidate, initialsOf, type LinkColumn } from "./link-candidates.js";
import { singular } from "./name-words.js";

/** Words for a row's own kin: a column named so points back into its own table. */
const kinWords = new Set([
  "parent",
  "manager",
  "supervisor",
  "boss",
  "report",
  "reports",
  "predecessor",
  "successor",
  "previous",
  "prev",
  "next",
  "original",
  "root",
  "ancestor",
  "mother",
  "father",
  "superior",
  "lead",
  "leader",
  "duplicate",
  "replaced",
  "merged",
]);
/** Words for quantities: a column named so points nowhere. */
const measureWords = new Set([
  "amount",
  "total",
  "price",
  "cost",
  "count",
  "quantity",
  "qty",
  "rate",
  "percent",
  "score",
  "age",
  "year",
  "size",
  "length",
  "height",
  "weight",
  "rank",
  "level",
  "point",
  "order",
  "position",
  "zip",
  "phone",
  "fax",
  "version",
  "salary",
  "capacity",
  "duration",
  "balance",
  "hour",
  "minute",
  "day",
  "month",
]);
/** Words that a count begins with. */
const countWords = new Set(["num", "nr", "nb", "count", "total"]);
/** Words for prose and labels. */
const labelWords = new Set([
  "name",
  "title",
  "description",
  "detail",
  "comment",
  "note",
  "text",
  "address",
  "email",
  "url",
  "date",
  "time",
  "status",
  "type",
]);

/** Tables of people or organisations, which columns name by role: `created_by`, `owner_id`, `winner`. */
const personWords = new Set([
  "user",
  "person",
  "people",
  "employee",
  "staff",
  "member",
  "player",
  "student",
  "contact",
  "account",
  "customer",
  "artist",
  "author",
  "actor",
  "physician",
  "doctor",
  "pilot",
  "individual",
  "party",
  "organization",
  "company",
  "team",
  "participant",
  "instructor",
  "faculty",
]);
const roleWords = new Set([
  "by",
  "owner",
  "author",
  "creator",
  "assignee",
  "winner",
  "loser",
  "host",
  "manager",
  "supervisor",
  "approver",
  "reviewer",
  "editor",
  "sender",
  "receiver",
  "recipient",
  "buyer",
  "seller",
  "male",
  "female",
  "head",
  "chair",
  "captain",
  "coach",
  "president",
  "secretary",
  "rep",
  "agent",
  "leader",
  "initiator",
  "publisher",
  "namespace",
  "actor",
  "subject",
  "charge",
  "candidate",
  "partner",
  "mate",
  "friend",
  "liked",
  "follower",
  "advisor",
  "teacher",
]);

/** Roles of those who work for a company, and the tables of such people. */
const servingWords = new Set([
  "rep",
  "representative",
  "agent",
  "manager",
  "supervisor",
  "assistant",
  "clerk",
  "handler",
  "staff",
  "assigned",
]);
const servingTables = new Set(["employee", "staff", "user", "worker", "agent", "person", "people", "personnel"]);
/** Words that may stand around a kin word: `reports_to`, `parent_id`, `managed_by`. */
const aroundKin = new Set(["to", "by", "id", "code", "no", "number", "ref", "key"]);

export const nameSignals = [
  "same_name",
  "names_table",
  "names_table_with_role",
  "names_table_tail",
  "ends_with_key_name",
  "column_is_table_name",
  "abbreviates_table",
  "spelled_alike",
  "kin_in_own_table",
  "own_table",
  "key_like",
  "generic_key",
  "key_named_after_table",
  "same_name_but_not_owner",
  "column_named_after_own_table",
  "is_primary_key",
  "is_part_of_primary_key",
  "is_unique",
  "target_is_primary_key",
  "same_type",
  "type_clash",
  "opaque_type",
  "text_key",
  "measure_word",
  "label_word",
  "rivals",
  "better_rival",
  "indexed",
  "child_of_target",
  "foreign_schema",
  "no_name_evidence",
  "key_like_no_name",
  "same_name_generic",
  "same_name_key_like",
  "names_table_key_like",
  "primary_both_same_name",
  "subtype_name",
  "first_column",
  "comment_names_table",
  "role_of_person",
  "by_person",
  "counts_things",
  "target_without_key",
  "initial_of_table",
  "kin_alone",
  "namesake_beside",
  "owner_elsewhere",
  "serves_person",
  "many_namesakes",
  "many_of_table",
] as const;

export type Signals = Readonly<Record<string, number>>;

/** The signals of names, types and keys for all candidates of one column, which compete. */
export function signalsOf(rivals: readonly Candidate[]): readonly Signals[] {
  const rough = rivals.map(roughSignals);
  const strength = rough.map(nameStrength);
  const best = Math.max(0, ...strength);
  for (const [i, signals] of rough.entries()) {
    const mine = strength[i] ?? 0;
    const equal = strength.filter((s) => s >= mine - 1e-9).length;
    signals.rivals = mine > 0 ? Math.min(1, (equal - 1) / 4) : 0;
    signals.better_rival = best > mine + 1e-9 ? best - mine : 0;
    signals.no_name_evidence = flag(mine === 0);
    signals.key_like_no_name = flag(mine === 0 && signals.key_like === 1);
  }
  const named = rivals.filter((_, i) => rough[i]?.same_name === 1);
  const owned = rough.some((s) => s.same_name === 1 && s.same_name_but_not_owner === 0);
  for (const [i, signals] of rough.entries()) {
    const table = rivals[i]?.to.table;
    signals.namesake_beside = flag(signals.same_name === 0 && named.some(({ to }) => to.table === table));
    signals.owner_elsewhere = flag(signals.same_name_but_not_owner === 1 && owned);
  }
  return rough;
}

/** How loudly the name alone points at the target. */
function nameStrength(s: Signals): number {
  const owner =
    (s.same_name ?? 0) * (0.6 + 0.4 * (s.key_named_after_table ?? 0)) * (1 - 0.7 * (s.same_name_generic ?? 0));
  return Math.max(
    owner,
    0.95 * (s.names_table ?? 0),
    0.8 * (s.names_table_with_role ?? 0),
    0.7 * (s.names_table_tail ?? 0),
    0.75 * (s.ends_with_key_name ?? 0),
    0.7 * (s.column_is_table_name ?? 0),
    0.7 * (s.abbreviates_table ?? 0),
    0.5 * (s.spelled_alike ?? 0),
    0.8 * (s.kin_in_own_table ?? 0),
    0.4 * (s.role_of_person ?? 0),
    0.3 * (s.initial_of_table ?? 0),
  );
}

function roughSignals({ from, to }: Candidate): Record<string, number> {
  const own = from.table === to.table;
  const target = to.table.words;
  const { stem, words } = from;
  const same = from.name === to.name;
  const toStem = to.stem;
  const keyGeneric = toStem.length === 0;
  const named = stem.length > 0 && equalWords(stem, target);
  const tail = stem.length > target.length && equalWords(stem.slice(-target.length), target);
  const tableTail = stem.length > 0 && stem.length < target.length && equalWords(stem, target.slice(-stem.length));
  const ownsKey =
    keyGeneric ||
    overlapAtEnd(toStem, target) ||
    equalWords(toStem.slice(0, target.length), target) ||
    abbreviation(toStem, target) > 0.5 ||
    (to.keyLike && initialsOf(target).includes(toStem.join("")));
  const isNamed = named || tail || tableTail;
  const person = personWords.has(target.at(-1) ?? "");
  const kin = own && words.some((w) => kinWords.has(w));
  return {
    same_name: flag(same && !own),
    names_table: flag(named && !own),
    names_table_with_role: flag(tail && !own),
    names_table_tail: flag(tableTail && !own),
    ends_with_key_name: flag(
      !same && !keyGeneric && words.length > to.words.length && equalWords(words.slice(-to.words.length), to.words),
    ),
    column_is_table_name: flag(!from.keyLike && (named || tail)),
    abbreviates_table: isNamed
      ? 0
      : Math.max(abbreviation(stem, target), keyGeneric || same ? 0 : abbreviation(stem, toStem)),
    spelled_alike: isNamed || same ? 0 : Math.max(alike(stem, target), keyGeneric ? 0 : alike(stem, toStem)),
    kin_in_own_table: flag(kin),
    own_table: flag(own),
    key_like: flag(from.keyLike),
    generic_key: flag(keyGeneric),
    key_named_after_table: flag(!keyGeneric && ownsKey),
    same_name_but_not_owner: flag(same && !own && !ownsKey),
    same_name_generic: flag(same && keyGeneric),
    same_name_key_like: flag(same && !own && from.keyLike && !keyGeneric),
    names_table_key_like: flag((named || tail) && from.keyLike),
    column_named_after_own_table: flag(!own && stem.length > 0 && equalWords(stem, from.table.words)),
    is_primary_key: flag(from.primary === "sole"),
    is_part_of_primary_key: flag(from.primary === "part"),
    is_unique: flag(from.unique && from.primary === "no"),
    target_is_primary_key: flag(to.primary === "sole"),
    same_type: flag(bareType(from) === bareType(to)),
    type_clash: flag(from.type !== to.type && from.type !== "any" && to.type !== "any"),
    opaque_type: flag(from.type === "uuid" && to.type === "uuid"),
    text_key: flag(to.type === "text"),
    measure_word: flag(words.some((w) => measureWords.has(w)) && !from.keyLike),
    label_word: flag(labelWords.has(words.at(-1) ?? "")),
    indexed: flag(from.indexed && from.primary === "no"),
    child_of_target: flag(
      !own && target.length < from.table.words.length && equalWords(from.table.words.slice(0, target.length), target),
    ),
    foreign_schema: flag(from.table.table.schema !== to.table.table.schema),
    primary_both_same_name: flag(same && !own && from.primary === "sole" && to.primary === "sole"),
    subtype_name: flag(from.primary === "sole" && !own && overlapAtEnd(target, from.table.words)),
    first_column: flag(from.table.columns[0] === from && from.primary === "no"),
    comment_names_table: flag(commentNames(from, target)),
    role_of_person: flag(!isNamed && !same && person && words.some((w) => roleWords.has(w))),
    by_person: flag(person && words.at(-1) === "by"),
    kin_alone: flag(kin && words.every((w) => kinWords.has(w) || aroundKin.has(w))),
    serves_person: flag(servingTables.has(target.at(-1) ?? "") && words.some((w) => servingWords.has(w))),
    many_namesakes: same && !own ? Math.min(1, (from.namesakes - 1) / 4) : 0,
    counts_things: flag(!from.keyLike && (words.includes("number") || countWords.has(words[0] ?? ""))),
    many_of_table: flag(!from.keyLike && (named || tail) && isPlural(from.column.name)),
    target_without_key: flag(to.primary === "no" && !to.unique),
    initial_of_table: flag(from.keyLike && initialsOf(target).includes(stem.join(""))),
  };
}

/** Each word of `short` stands for the word of `long` in its place: a prefix, a subsequence from the first letter, or initials. 0 to 1. */
export function abbreviation(short: readonly string[], long: readonly string[]): number {
  const flat = short.join("");
  if (flat.length < 2 || long.length === 0) return 0;
  if (long.length >= 2 && flat === long.map((w) => w[0]).join("")) return flat.length >= 3 ? 0.9 : 0.6;
  const tail = long.slice(-short.length);
  if (tail.length === short.length) {
    const each = short.map((w, i) => wordShortens(w, tail[i] ?? ""));
    if (each.every((s) => s > 0)) return each.reduce((a, b) => a + b, 0) / each.length;
  }
  const joined = long.join("");
  if (flat.length >= 3 && flat !== joined && joined.startsWith(flat)) return 0.6;
  return flat === joined ? 1 : 0;
}

function wordShortens(short: string, long: string): number {
  if (short === long) return 1;
  if (short.length < 2 || short.length >= long.length || short[0] !== long[0]) return 0;
  if (long.startsWith(short)) return short.length >= 3 ? 0.9 : 0.6;
  let at = 0;
  for (const letter of long) if (letter === short[at]) at += 1;
  return at === short.length && short.length >= 3 ? 0.6 : 0;
}

/** A name that ends with a plural: `cares_for_students` tells how many, or of all, and points to no one of them. */
function isPlural(name: string): boolean {
  const last = /[a-z]+$/.exec(name.toLowerCase())?.[0] ?? "";
  return singular(last) !== last;
}

/** Words in common (Dice), of the stem and the target's name. */
function alike(stem: readonly string[], target: readonly string[]): number {
  if (stem.length === 0 || target.length === 0) return 0;
  const shared = stem.filter((w) => target.includes(w)).length;
  return (2 * shared) / (stem.length + target.length);
}

/** One ends with the other, word by word. */
function overlapAtEnd(a: readonly string[], b: readonly string[]): boolean {
  const n = Math.min(a.length, b.length);
  return n > 0 && equalWords(a.slice(-n), b.slice(-n));
}

function equalWords(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === b.length) return a.length > 0 && a.every((w, i) => w === b[i]);
  return a.length > 0 && b.length > 0 && a.join("") === b.join("");
}

function commentNames(from: LinkColumn, target: readonly string[]): boolean {
  const comment = from.column.comment?.toLowerCase();
  if (comment === undefined || target.length === 0) return false;
  return (
    /foreign key|references|refers to/.test(comment) && comment.replaceAll(/[^a-z]/g, "").includes(target.join(""))
  );
}

function bareType(column: LinkColumn): string {
  return column.declaredType.toLowerCase().replace(/\(.*/, "");
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}
