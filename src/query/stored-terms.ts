/** What phrases of a question say of stored values: which one, in which column. Pure. */

import type { Table } from "../schema/snapshot.js";
import type { TermResult } from "../terms/mapping.js";
import { standsFor } from "../terms/standard-codes.js";
import { isOneOf, saysSame } from "../terms/values.js";
import type { QueryContext } from "./answer.js";
import { type Found, SchemaTerms } from "./schema-terms.js";
import { isSpeltSo } from "./stored.js";
import { personNames } from "./tables.js";

export interface FoundValue extends Found {
  readonly value: string | number;
}

/** How sure a value is, at least, that one column of some rows holds as it was said, whatever others hold elsewhere. */
const ofTheseRows = 0.85;

export class StoredTerms extends SchemaTerms {
  private readonly looked = new Map<string, TermResult["matches"]>();

  constructor(
    context: QueryContext,
    protected readonly question: string,
  ) {
    super(context);
  }

  /** The sentence that terms are found within. */
  protected get within(): { readonly question?: string } {
    return this.context.isMadeUp === true ? {} : { question: this.question };
  }

  /** A stored value and the column that holds it; in `column` where one is given, else in the tables at hand first. */
  value(phrase: string, home: readonly number[], column?: Found): FoundValue | undefined {
    const isIt = (stored: string | number) =>
      isSpeltSo(String(stored), phrase) || standsFor(stored, phrase) || saysSame(stored, phrase);
    return this.valueThat(isIt, phrase, home, column);
  }

  /** A stored value of which a phrase says several ("webinars"). */
  severalOf(phrase: string, home: readonly number[]): FoundValue | undefined {
    return this.valueThat((stored) => isOneOf(stored, phrase), phrase, home);
  }

  /** What may be stored so, looked up once a question. */
  private valuesLike(phrase: string, column: Found | undefined): TermResult["matches"] {
    const table = column === undefined ? undefined : this.ref(column.table);
    const key = `${table ?? ""}\u0000${phrase}`;
    const known = this.looked.get(key);
    if (known !== undefined) return known;
    const { matches } = this.context.resolve({
      term: phrase,
      ...this.within,
      suggests: false,
      kinds: ["value"],
      limit: 5,
      ...(table === undefined ? {} : { tables: [table] }),
    });
    this.looked.set(key, matches);
    return matches;
  }

  private valueThat(
    isIt: (stored: string | number) => boolean,
    phrase: string,
    home: readonly number[],
    column?: Found,
  ): FoundValue | undefined {
    const found = this.valuesLike(phrase, column).flatMap((m): FoundValue[] => {
      const place = m.value === undefined ? undefined : this.place(m.ref);
      if (place?.column === undefined || m.value === undefined || !isIt(m.value)) return [];
      return [{ ...place, ref: m.ref, value: m.value, confidence: m.confidence }];
    });
    // "Physicians in Denver" are in a clinic there, which each has one of, not their patients.
    const entity = home.at(-1);
    const near = (f: FoundValue) => entity !== undefined && this.isLookedUp(f.ref, entity);
    const chosen =
      column === undefined
        ? (found.find((f) => home.includes(f.table) && f.confidence > 0.3) ?? found.find(near) ?? found[0])
        : found.find((f) => f.ref === column.ref);
    // Of two spellings the one that the question has.
    const spellings = found.filter((f) => f.ref === chosen?.ref);
    const confidence = Math.min(
      1,
      spellings.reduce((sum, f) => sum + f.confidence, 0),
    );
    const asWords = (text: string) => ` ${text.replaceAll(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
    const written = spellings.find((f) => asWords(this.question).includes(asWords(String(f.value))));
    return written === undefined ? chosen : { ...written, confidence };
  }

  /** The column of last names beside one of first names. */
  lastNames(first: Found): Found | undefined {
    const people = personNames(this.graph.tables[first.table] as Table);
    const at = people.findIndex((c) => c.name === first.column?.name);
    const last = at === 0 ? people[1] : undefined;
    return last && this.found(first.table, last, first.confidence);
  }

  /** A stored value of one table. */
  valueIn(phrase: string, table: number): FoundValue | undefined {
    const value = this.value(phrase, [table]);
    if (value?.table !== table) return undefined;
    const isThere = (ref: string) => ref !== value.ref && this.place(ref)?.table === table;
    const isOnly = !this.valuesLike(phrase, undefined).some((m) => isThere(m.ref));
    return isOnly && isSpeltSo(String(value.value), phrase)
      ? { ...value, confidence: Math.max(value.confidence, ofTheseRows) }
      : value;
  }

  /** The same, of which a phrase says several, or which a verb says of several ("failed": `Fail`). */
  protected severalIn(phrase: string, table: number): FoundValue | undefined {
    const value = this.severalOf(phrase, [table]);
    return value?.table === table ? value : undefined;
  }

  /** Whether a verb is stored as a value of some tables ("cancelled"): that value. */
  stored(word: string, tables: readonly number[]): FoundValue | undefined {
    const value = this.value(word, tables) ?? this.severalOf(word, tables);
    return value !== undefined && tables.includes(value.table) && value.confidence >= 0.3 ? value : undefined;
  }
}
