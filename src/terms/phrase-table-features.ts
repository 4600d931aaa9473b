/**
 * What speaks for a table when a phrase is asked for: the phrase against its name, its comment and its columns, how much better than the rivals, and what the
 * whole question says. The same numbers in training and in use. Pure.
 */

import { cover, coverageNames } from "./coverage.js";
import { cueNames } from "./cues.js";
import { likenessOf } from "./meanings.js";
import { metTogether, type PhraseContext, putSome, toldOfComments } from "./phrase-features.js";

const tableStanding = [
  "hasQuestion", "tableBest", "needed", "tableSum", "tableRank", "exactGap", "softGap", "shareGap", "exactRivals", "meaning", "meaningGap", "phraseWords", "columnExact", "columnWhole",
  "columns", "neighbours", "neighbourExact", "neighbourBest", "junction", "isView", "schemaTables", "nameWords", "sharedByOthers",
  "hasComment", "commentGap", "commentRivals", "alone", "columnTogether", "columnAdds", "columnTogetherGap", "columnComment", "number",
] as const; // biome-ignore format: a list of names

export const phraseTableNames: readonly string[] = [
  ...coverageNames.map((n) => `name.${n}`),
  ...toldOfComments.map((i) => `comment.${coverageNames[i] ?? ""}`),
  ...coverageNames.map((n) => `question.${n}`),
  ...tableStanding,
  ...cueNames.map((n) => `cue.${n}`),
];

export function writePhraseTable(context: PhraseContext, id: number, out: Float32Array, offset: number): void {
  const { index, phrase, question, bestTable } = context;
  const table = index.tables[id];
  const own = context.tableCover[id]?.numbers;
  if (table === undefined || own === undefined) return;
  out.set(own, offset);
  const covered = cover(index, phrase, table.comment);
  const comment = covered.numbers;
  let at = putSome(comment, out, offset + own.length);
  out.set(question?.context.tableCover[id]?.numbers ?? new Float32Array(coverageNames.length), at);
  at += coverageNames.length;
  const meaning = likenessOf(index, phrase, table.doc);
  let [columnExact, columnWhole, columnTogether, columnComment, foreign] = [0, 0, 0, 0, 0];
  for (let c = table.from; c < table.to; c += 1) {
    const numbers = context.columnCover.get(c)?.numbers;
    columnExact = Math.max(columnExact, numbers?.[0] ?? 0);
    columnWhole = Math.max(columnWhole, (numbers?.[12] ?? 0) * (numbers?.[6] ?? 0));
    const described = context.comments.get(c);
    columnTogether = Math.max(columnTogether, (described?.together ?? context.together.get(c))?.soft ?? 0);
    columnComment = Math.max(columnComment, described?.own.numbers[7] ?? 0);
    if ((index.columns[c]?.refersTo ?? -1) >= 0) foreign += 1;
  }
  const alone = metTogether(phrase.weights, context.tableCover[id]?.met, covered.met).soft;
  const share = own[6] ?? 0;
  const others = share > 0 ? context.tableShares.length - 1 - firstAtLeast(context.tableShares, share) : 0;
  const numbers = [
    question === undefined ? 0 : 1,
    question?.standings.tableBest[id] ?? 0,
    question?.needs.sets.tables[id] ?? 0,
    question?.standings.tableSum[id] ?? 0,
    question?.standings.tableRank[id] ?? 0,
    (own[0] ?? 0) - bestTable.exact,
    (own[1] ?? 0) - bestTable.soft,
    (own[6] ?? 0) - bestTable.share,
    (own[0] ?? 0) > 0.95 ? context.tableRivals : 0,
    meaning,
    meaning - bestTable.meaning,
    phrase.tokens.length,
    columnExact,
    columnWhole,
    table.to - table.from,
    table.neighbours.length,
    Math.max(0, ...table.neighbours.map((n) => context.tableCover[n]?.numbers[0] ?? 0)),
    Math.max(0, ...table.neighbours.map((n) => question?.standings.tableBest[n] ?? 0)),
    foreign / Math.max(1, table.to - table.from),
    table.view ? 1 : 0,
    Math.log(index.tables.length),
    table.doc.concepts.length,
    others,
    table.comment.concepts.length === 0 ? 0 : 1,
    (comment[7] ?? 0) - bestTable.comment,
    context.tableCommentRivals,
    alone,
    columnTogether,
    columnTogether - alone,
    columnTogether - context.best.commentTogether,
    columnComment,
    context.places.number ? 1 : 0,
  ];
  out.set(numbers, at);
  out.set(context.cues, at + numbers.length);
}

/** Place of the first number that is at least `least` among rising ones. */
function firstAtLeast(rising: Float32Array, least: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
