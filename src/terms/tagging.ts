/** A sentence as words with their part of speech (wink-nlp's), numbers read, and quoted stretches whole. Pure and deterministic. */

import type { ItemToken, ItsFunction } from "wink-nlp";
import { language } from "./words.js";

export interface TaggedWord {
  /** As written; of a quoted stretch what stands between the marks. */
  readonly text: string;
  readonly lower: string;
  /** Dictionary form in this sentence. */
  readonly lemma: string;
  /** Universal part of speech: `NOUN`, `VERB`, `ADJ`, `PROPN`, `ADP`, … */
  readonly pos: string;
  readonly kind: "word" | "number" | "quoted" | "mark";
  /** Of a number, in digits or as a word up to twenty. */
  readonly value?: number;
  /** UTF-16 code units from 0; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

const quotes = /"([^"]*)"|“([^”]*)”|(?<![\p{L}\p{N}])['‘]([^'’]+)['’](?![\p{L}\p{N}])/gu;
const numberWords =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );

/** The words of a sentence in order; blanks are in none. */
export function tagged(sentence: string): readonly TaggedWord[] {
  const words: TaggedWord[] = [];
  let at = 0;
  for (const match of sentence.matchAll(quotes)) {
    words.push(...plain(sentence.slice(at, match.index), at));
    at = match.index + match[0].length;
    const text = (match[1] ?? match[2] ?? match[3] ?? "").trim();
    const lower = text.toLowerCase();
    words.push({ text, lower, lemma: lower, pos: "PROPN", kind: "quoted", start: match.index, end: at });
  }
  words.push(...plain(sentence.slice(at), at));
  return words;
}

function plain(text: string, offset: number): readonly TaggedWord[] {
  if (text.trim() === "") return [];
  const { its } = language();
  const words: TaggedWord[] = [];
  let at = 0;
  language()
    .readDoc(text)
    .tokens()
    .each((token: ItemToken) => {
      const written = token.out();
      const start = text.indexOf(written, at);
      at = start + written.length;
      const lower = written.toLowerCase();
      const pos = token.out(its.pos as unknown as ItsFunction<string>);
      const lemma = token.out(its.lemma as unknown as ItsFunction<string>);
      const value = numberOf(lower);
      const kind = value !== undefined ? "number" : /[\p{L}\p{N}]/u.test(written) ? "word" : "mark";
      const place = { start: offset + start, end: offset + at };
      const before = words.at(-1);
      if (before?.kind === "number" && before.end === place.start && generation.test(written)) {
        words.splice(-1, 1, named(before, written, place.end));
        return;
      }
      words.push({ text: written, lower, lemma, pos, kind, ...(value === undefined ? {} : { value }), ...place });
    });
  return words;
}

/** Letters behind a number that make a name of both: "5G", "4K". */
const generation = /^\p{Lu}{1,3}$/u;

function named(number: TaggedWord, letters: string, end: number): TaggedWord {
  const text = number.text + letters;
  const lower = text.toLowerCase();
  return { text, lower, lemma: lower, pos: "PROPN", kind: "word", start: number.start, end };
}

function numberOf(lower: string): number | undefined {
  if (/^-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?$/.test(lower)) return Number(lower.replaceAll(",", ""));
  const word = numberWords.indexOf(lower);
  return word < 0 ? undefined : word;
}
