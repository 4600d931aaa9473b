/**
 * What a column holds by the words of its name: a name, a code, a place, a time, an amount of money. Words of a question that no name meets
 * ("after 2010", "more than 500") ask for one of these. Facts as data; pure.
 */

import type { ColumnDoc, TermIndex } from "./term-index.js";

/** Topics by number from 1, those that are asked for alike side by side. */
const wordsOfTopics: readonly string[] = [
  "name title label surname forename lastname firstname nickname fullname",
  "description detail comment note remark text content summary",
  "id code key number no num uuid ssn isbn",
  "type kind category class status gender sex level role",
  "city town country state province county region district address street location place nation nationality zip postcode headquarter headquarters venue hometown",
  "phone email mail telephone fax mobile website url",
  "year",
  "date time day month datetime timestamp season quarter week hour minute",
  "age birthday birthdate birth dob",
  "length height weight width depth size distance duration speed temperature area capacity mass elevation",
  "score rating rank point grade gpa star",
  "count quantity total volume population attendance percent percentage rate share",
  "amount price cost fee salary revenue sale budget payment income balance profit earnings wage tax discount value bonus",
];

/** How many topics there are; they are numbered from 1. */
export const topics = wordsOfTopics.length;

const topicOfWord: ReadonlyMap<string, number> = new Map(
  wordsOfTopics.flatMap((words, i) => words.split(" ").map((word) => [word, i + 1] as const)),
);

const timeTopic = 8;

const topicsKnown = new WeakMap<ColumnDoc, number>();

/** The topic of a column, told by the last word of its name that says one, or by its type; 0 where neither does. */
export function topicOf(index: TermIndex, column: ColumnDoc): number {
  const known = topicsKnown.get(column);
  if (known !== undefined) return known;
  let topic = column.typeClass === "time" ? timeTopic : 0;
  for (const concept of column.doc.concepts) topic = topicOfWord.get(index.concepts[concept]?.meaning ?? "") ?? topic;
  topicsKnown.set(column, topic);
  return topic;
}

const peersKnown = new WeakMap<TermIndex, Map<number, readonly number[]>>();

/** The columns of its table that hold the like, itself among them; none where it has no topic. */
export function peersOf(index: TermIndex, column: ColumnDoc): readonly number[] {
  const topic = topicOf(index, column);
  if (topic === 0) return [];
  const known = peersKnown.get(index) ?? new Map<number, readonly number[]>();
  peersKnown.set(index, known);
  const key = column.table * (topics + 1) + topic;
  const found = known.get(key);
  if (found !== undefined) return found;
  const { from, to } = index.tables[column.table] ?? { from: 0, to: 0 };
  const peers = index.columns.slice(from, to).flatMap((other) => (topicOf(index, other) === topic ? [other.id] : []));
  known.set(key, peers);
  return peers;
}
