/**
 * Codes by public standards, and what people call what they stand for: countries (ISO 3166-1), states and provinces (USPS, Canada Post), currencies (ISO 4217),
 * languages (ISO 639), days, months, sexes. A column holds such codes where nearly all that it stores are among them, and its name or its table's says so.
 * Pure.
 */

import { jsonFile } from "./data-files.js";
import { plain } from "./plain.js";

interface Standard {
  readonly name: string;
  /** Words that columns of such codes are called by; the sexes need none. */
  readonly called: ReadonlySet<string>;
  /** By form (code, name, what people say): all forms of the same thing. */
  readonly forms: ReadonlyMap<string, readonly string[]>;
}

let loaded: readonly Standard[] | undefined;

function standards(): readonly Standard[] {
  loaded ??= Object.entries(jsonFile("standard-codes.json") as Readonly<Record<string, StandardFile>>).map(
    ([name, { called, codes }]) => ({
      name,
      called: new Set(called.split(" ")),
      forms: new Map(
        codes.flatMap((code) => {
          const forms = [...new Set(code.split("|").map(plain))];
          return forms.map((form) => [form, forms] as const);
        }),
      ),
    }),
  );
  return loaded;
}

interface StandardFile {
  readonly called: string;
  /** A code and its other forms, `|` between them. */
  readonly codes: readonly string[];
}

/** A thing that a text means by some standard, in its other forms. */
export interface Meant {
  readonly standard: Standard;
  readonly others: readonly string[];
}

/** Shorter forms are words of other meanings too (`in`, `or`, `me`): in a sentence they are codes in capitals only. */
const leastWord = 4;

/** What a text, lower case as `plain` leaves it, means by the standards. `written`: as it stands in a sentence, where it does. */
export function meantBy(text: string, written?: string): readonly Meant[] {
  if (written !== undefined && text.length < leastWord && written !== written.toUpperCase()) return [];
  return standards().flatMap((standard) => {
    const others = standard.forms.get(text)?.filter((form) => form !== text) ?? [];
    return others.length === 0 ? [] : [{ standard, others }];
  });
}

/** Whether a stored value is another form of what a text means. */
export const standsFor = (stored: string | number, text: string): boolean => {
  const value = plain(String(stored));
  return meantBy(plain(text)).some(({ others }) => others.includes(value));
};

/** So large a share of a column's values are codes of a standard where it holds such. */
const nearlyAll = 0.9;

/** Whether a column that has these words in its name or its table's, and stores these values, holds codes of a standard. */
export function holdsCodes(
  { name, called, forms }: Standard,
  words: readonly string[],
  values: readonly string[],
): boolean {
  const known = values.filter((value) => forms.has(value)).length;
  if (values.length === 0 || known < nearlyAll * values.length) return false;
  // A column of both sexes and nothing else needs no name.
  if (name === "sexes") return ["f", "m"].every((sex) => values.some((value) => forms.get(sex)?.includes(value)));
  return words.some((word) => called.has(word));
}
