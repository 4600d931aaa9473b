/**
 * What a column's values are to people: a secret, an identity, a payment instrument, something personal. Told by names, types and comments alone,
 * never by values; deterministic. It labels; `catalog/profiles.ts` leaves the rows of closed columns unread.
 */

import { nameWords } from "../schema/name-words.js";
import type { Column } from "../schema/snapshot.js";

export type Sensitivity = "secret" | "identity" | "payment" | "confidential" | "contact" | "personal" | "health";

/** Phrases by class: every word of one must stand in the name. The first class that fits counts. */
const phraseTexts: readonly (readonly [Sensitivity, readonly string[]])[] = [
  [
    "secret",
    [
      "password",
      "passwd",
      "passphrase",
      "pwd",
      "secret",
      "token",
      "salt",
      "hash",
      "pin",
      "private key",
      "api key",
      "encryption key",
      "otp",
    ],
  ],
  [
    "identity",
    [
      "ssn",
      "social security",
      "tax id",
      "passport",
      "national id",
      "driver license",
      "drivers licence",
      "driver licence",
      "license number",
    ],
  ],
  ["payment", ["iban", "card number", "credit card", "cc number", "cvv", "cvc", "bank account", "routing number"]],
  ["health", ["diagnosis", "blood type", "allergy", "medical history", "disability"]],
  [
    "contact",
    ["email", "e mail", "phone", "mobile number", "fax", "street", "home address", "postal address", "ip address"],
  ],
  [
    "personal",
    [
      "birth date",
      "birthday",
      "dob",
      "date of birth",
      "first name",
      "last name",
      "surname",
      "given name",
      "family name",
      "maiden name",
      "gender",
      "ethnicity",
      "religion",
      "nationality",
      "marital status",
    ],
  ],
];
/** Marks by which people say in a comment that a column is not for everyone. */
const commentMarks: readonly (readonly [Sensitivity, RegExp])[] = [
  ["personal", /\b(?:pii|personal data|personally identifi\w+|gdpr)\b/i],
  ["health", /\b(?:phi|protected health)\b/i],
  ["secret", /\b(?:secret|credential)s?\b/i],
  ["confidential", /\b(?:confidential|sensitive)\b/i],
];
/** Counts, flags and times of a thing are not the thing: `token_count`, `is_email_verified`, `password_changed_at`. */
const aboutWords = new Set([
  "count",
  "at",
  "on",
  "date",
  "verified",
  "enabled",
  "required",
  "type",
  "status",
  "length",
  "expires",
  "expiry",
  "limit",
  "attempts",
]);
const flagType = /^(?:bool|date|time)/i;

/** The class of a column; undefined where nothing speaks for one. `closedWords` are the operator's own and always secret. */
export function sensitivityOf(column: Column, closedWords: readonly string[]): Sensitivity | undefined {
  const byName = isAbout(column) ? undefined : classOfName(column.name);
  if (byName !== undefined) return byName;
  if (isClosedName(column.name, closedWords)) return "secret";
  const comment = column.comment;
  return comment === undefined ? undefined : commentMarks.find(([, mark]) => mark.test(comment))?.[0];
}

/** Whether the values are not to be looked at: closed by name, or marked by people in the comment. */
export function isClosed(column: Column, closedWords: readonly string[]): boolean {
  if (isClosedName(column.name, closedWords)) return true;
  const { comment } = column;
  return comment !== undefined && commentMarks.some(([, mark]) => mark.test(comment));
}

interface Phrase {
  readonly words: readonly string[];
  readonly joined: string;
}

interface Parts {
  readonly words: ReadonlySet<string>;
  readonly joined: string;
}

const phrases = phraseTexts.map(([sensitivity, list]) => [sensitivity, list.map(phraseOf)] as const);
const operators = new WeakMap<readonly string[], readonly Phrase[]>();
const partsKnown = new Map<string, Parts>();
/** Names recur over tables; the memory is bounded and simply starts over. */
const maxKnown = 50_000;

function isClosedName(name: string, closedWords: readonly string[]): boolean {
  let closed = operators.get(closedWords);
  if (closed === undefined) {
    closed = closedWords.map(phraseOf);
    operators.set(closedWords, closed);
  }
  const parts = partsOf(name);
  return closed.some((phrase) => holds(parts, phrase));
}

function classOfName(name: string): Sensitivity | undefined {
  const parts = partsOf(name);
  return phrases.find(([, list]) => list.some((phrase) => holds(parts, phrase)))?.[0];
}

function phraseOf(text: string): Phrase {
  const words = text.toLowerCase().split(" ");
  return { words, joined: words.join("") };
}

/** The words of a name, in the plural as written and in the singular; the name in one for `passwordhash` and its like. */
function partsOf(name: string): Parts {
  const known = partsKnown.get(name);
  if (known !== undefined) return known;
  if (partsKnown.size >= maxKnown) partsKnown.clear();
  const written = name
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  const parts = { words: new Set([...written, ...nameWords(name)]), joined: written.join("") };
  partsKnown.set(name, parts);
  return parts;
}

function holds(parts: Parts, phrase: Phrase): boolean {
  return phrase.joined === parts.joined || phrase.words.every((word) => parts.words.has(word));
}

function isAbout(column: Column): boolean {
  if (flagType.test(column.type)) return !/birth|dob/i.test(column.name);
  const last = nameWords(column.name).at(-1) ?? "";
  return aboutWords.has(last) && !/birth/i.test(column.name);
}
