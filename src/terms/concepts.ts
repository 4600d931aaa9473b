/**
 * Concepts: the distinct words of a schema's names and comments, each with its lemmas, what it may stand for and a vector. A question's words
 * are compared with concepts once, whatever number of columns share them. Pure.
 */

import { abbreviationMeanings } from "./abbreviations.js";
import { momentOf, quantitiesOf } from "./naming-marks.js";
import { wordVector } from "./vectors.js";
import { type Expansion, expandAbbreviations, isWord, lemmaOf, tokensOf } from "./words.js";

export interface Concept {
  /** As written in the schema, lower case: `acct`, `names`. */
  readonly token: string;
  /** The lemma that it most likely means: `account`. */
  readonly meaning: string;
  /** Lemmas it may mean, with how sure that is, 0 to 1; best first. */
  readonly forms: readonly { readonly lemma: string; readonly weight: number }[];
  readonly vector: Float32Array | undefined;
  /** Not an ordinary word: letters may be missing. */
  readonly short: boolean;
  /** A word that by itself says little and here that the word before it is a moment's (`paid_on`). */
  readonly moment?: boolean;
  /** The acronym that it is one word of (`mrr`). */
  readonly acronym?: string;
}

/** Collects concepts as a schema is read; the same token is the same concept. */
export class ConceptTable {
  readonly concepts: Concept[] = [];
  /** lemma or token -> concepts that have it among their forms, with the form's weight. */
  readonly byForm = new Map<string, { readonly concept: number; readonly weight: number }[]>();
  readonly #ids = new Map<string, number>();
  /** By first letter. */
  readonly #context = new Map<number, Near>();

  /** `context`: words of the schema's own comments and long names, which decide what its abbreviations mean. */
  constructor(context: ReadonlySet<string>) {
    const byInitial = new Map<number, string[]>();
    for (const word of context) {
      const list = byInitial.get(word.charCodeAt(0));
      if (list === undefined) byInitial.set(word.charCodeAt(0), [word]);
      else list.push(word);
    }
    for (const [initial, words] of byInitial) this.#context.set(initial, sameNear(words));
  }

  /** Concepts of an identifier that is split, in order. A token that stands for several words (`dob`) gives one concept each, and each is met by the token as well. */
  ofParts(split: readonly string[]): readonly number[] {
    const parts = withPhrasalVerbs(split);
    const found: number[] = [];
    const moment = momentOf(parts);
    const measured = quantitiesOf(parts);
    for (const [i, part] of parts.entries()) {
      const token = withoutPlural(part);
      if (i === parts.length - 1 && moment.length > 0) {
        found.push(this.#internLast(token, moment, true));
        continue;
      }
      const expansion = isWord(token) ? undefined : this.#expand(token);
      const best = expansion?.meanings[0];
      const telling = best?.words.filter((w) => !small.has(w)) ?? [];
      if (i === parts.length - 1 && measured.length > 0)
        found.push(this.#internLast(token, [lemmaOf(telling[0] ?? token), ...measured], false));
      else if (telling.length > 1) for (const word of telling) found.push(this.#internPart(token, word));
      else found.push(this.#intern(token, telling[0] ?? token));
    }
    return found;
  }

  /** Concepts of prose (a comment), without function words. */
  ofText(text: string): readonly number[] {
    return tokensOf(text)
      .filter((t) => t.kind === "word" && !t.stop)
      .map((t) => this.#intern(t.lower, t.lower));
  }

  #near(token: string): Near {
    return (token.length < 3 ? undefined : this.#context.get(token.charCodeAt(0))) ?? noWords;
  }

  #expand(token: string): Expansion | undefined {
    return expansions.of(token, this.#near(token), (near) => expandAbbreviations([token], near)[0]);
  }

  #intern(token: string, meaning: string): number {
    const known = this.#ids.get(token);
    if (known !== undefined) return known;
    return this.#add(token, this.#read(token, meaning));
  }

  #read(token: string, meaning: string): Concept {
    return concepts.of(`${token} ${meaning}`, this.#near(token), () => conceptOf(token, meaning, this.#expand(token)));
  }

  /** One of the words that an acronym stands for: whoever asks for `mrr` means all of `monthly recurring revenue`, and no other revenue. */
  #internPart(acronym: string, word: string): number {
    const key = `${acronym} ${word}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const plain = this.#read(word, word);
    const forms = [...plain.forms, { lemma: acronym, weight: 1 }];
    return this.#add(key, { ...plain, forms, vector: undefined, acronym });
  }

  /** A name's last word that stands for other words: the first of them is what it means. */
  #internLast(token: string, lemmas: readonly string[], moment: boolean): number {
    const [meaning = token] = lemmas;
    const key = `${token} ${lemmas.join(" ")}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    // A unit says only by what it counts what is measured: a name that says so is nearer.
    const weight = (lemma: string) => (moment || lemma === token || lemma === meaning ? 1 : 0.85);
    const forms = [...new Set([token, ...lemmas])].map((lemma) => ({ lemma, weight: weight(lemma) }));
    return this.#add(key, { token, meaning, forms, vector: wordVector(meaning), short: false, moment });
  }

  #add(key: string, concept: Concept): number {
    const id = this.concepts.length;
    this.#ids.set(key, id);
    this.concepts.push(concept);
    for (const form of concept.forms) {
      const list = this.byForm.get(form.lemma);
      if (list === undefined) this.byForm.set(form.lemma, [{ concept: id, weight: form.weight }]);
      else list.push({ concept: id, weight: form.weight });
    }
    return id;
  }
}

function conceptOf(token: string, meaning: string, expansion: Expansion | undefined): Concept {
  return {
    token,
    meaning: lemmaOf(meaning),
    forms: formsOf(token, meaning, expansion?.meanings),
    vector: wordVector(meaning) ?? wordVector(lemmaOf(meaning)),
    short: !isWord(token),
  };
}

/** Short forms stand in the plural as well (`skus`, `accts`). */
function withoutPlural(token: string): string {
  const one = token.slice(0, -1);
  const isPlural = token.endsWith("s") && one.length >= 3 && !isWord(token) && abbreviationMeanings(token).length === 0;
  return isPlural && abbreviationMeanings(one).length > 0 ? one : token;
}

const particles = new Set(["in", "out", "up", "off", "down"]);

/** A verb and its particle as the one word that they are (`check_in`: `checkin`, `sign_up`: `signup`). */
function withPhrasalVerbs(parts: readonly string[]): readonly string[] {
  if (!parts.some((part) => particles.has(part))) return parts;
  const joined: string[] = [];
  for (const part of parts) {
    const verb = joined.at(-1);
    if (verb !== undefined && verb.length > 2 && particles.has(part) && isWord(verb + part))
      joined[joined.length - 1] = verb + part;
    else joined.push(part);
  }
  return joined;
}

/** Words of a schema that begin alike; the same words are the same list. */
type Near = readonly string[];

const noWords: Near = [];
const nears = new Map<string, Near>();
/** Lists kept, and words kept of each kind below. */
const maxNears = 2_000;
const maxRead = 200_000;

function sameNear(words: Near): Near {
  const key = words.join(" ");
  const known = nears.get(key);
  if (known !== undefined) return known;
  if (nears.size >= maxNears) nears.clear();
  nears.set(key, words);
  return words;
}

/**
 * What was read of a word beside a schema's own words. It outlives the schema's version: after a change only words that are new, or whose neighbours are,
 * are read again.
 */
class Read<T> {
  readonly #kept = new Map<string, { readonly near: Near; readonly value: T }>();

  of(word: string, near: Near, read: (near: Near) => T): T {
    const known = this.#kept.get(word);
    if (known !== undefined && known.near === near) return known.value;
    const value = read(near);
    if (this.#kept.size >= maxRead) this.#kept.clear();
    this.#kept.set(word, { near, value });
    return value;
  }
}

const expansions = new Read<Expansion | undefined>();
const concepts = new Read<Concept>();

const small = new Set(["of", "and", "the", "to", "for", "per", "on", "in", "as", "a", "at"]);

function formsOf(token: string, meaning: string, others: Expansion["meanings"] | undefined): Concept["forms"] {
  const forms = new Map<string, number>([
    [token, 1],
    [lemmaOf(token), 1],
  ]);
  const note = (lemma: string, weight: number) => forms.set(lemma, Math.max(forms.get(lemma) ?? 0, weight));
  note(lemmaOf(meaning), 1);
  for (const other of others ?? []) {
    const [word] = other.words;
    if (other.words.length === 1 && word !== undefined)
      note(
        lemmaOf(word),
        Math.min(1, 0.55 + 0.45 * other.weight) * (isWord(token) && other.business !== true ? 0.85 : 1),
      );
  }
  return [...forms].map(([lemma, weight]) => ({ lemma, weight }));
}
