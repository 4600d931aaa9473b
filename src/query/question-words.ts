/** The closed words of business questions: what aggregates, compares, groups, bounds a phrase. Data alone; knows no schema. */

import { undoneWords } from "../terms/undone.js";
import type { Aggregation, Filter, TimeGrain } from "./intent.js";

type Op = Filter["op"];

/** What a question begins with and that says nothing. */
export const openings: readonly string[] = [
  "please",
  "provide me with",
  "provide",
  "a list of",
  "can you",
  "could you",
  "what is",
  "what are",
  "what was",
  "what were",
  "what's",
  "what 's",
  "who is",
  "who are",
  "who was",
  "who were",
  "show me",
  "show",
  "give me",
  "give",
  "find out",
  "find",
  "list",
  "tell me",
  "return me",
  "return",
  "get",
  "display",
  "compute",
  "calculate",
  "report",
  "compare",
  "which",
  "what",
];

export const aggregations: ReadonlyMap<string, Aggregation> = new Map([
  ["average", "avg"],
  ["avg", "avg"],
  ["mean", "avg"],
  ["total", "sum"],
  ["sum of", "sum"],
  ["sum", "sum"],
  ["maximum", "max"],
  ["max", "max"],
  ["highest", "max"],
  ["largest", "max"],
  ["greatest", "max"],
  ["minimum", "min"],
  ["min", "min"],
  ["lowest", "min"],
  ["smallest", "min"],
  ["median", "median"],
]);

export const counting: readonly string[] = [
  "how many",
  "the total number of",
  "total number of",
  "the total count of",
  "total count of",
  "the number of",
  "number of",
  "the count of",
  "count of",
  "count the number of",
  "count",
];

export const comparisons: readonly (readonly [string, Op])[] = [
  ["more than", ">"],
  ["greater than", ">"],
  ["higher than", ">"],
  ["larger than", ">"],
  ["bigger than", ">"],
  ["above", ">"],
  ["over", ">"],
  ["exceeding", ">"],
  [">", ">"],
  ["less than", "<"],
  ["fewer than", "<"],
  ["lower than", "<"],
  ["smaller than", "<"],
  ["below", "<"],
  ["under", "<"],
  ["<", "<"],
  ["at least", ">="],
  ["no less than", ">="],
  ["not less than", ">="],
  ["at most", "<="],
  ["no more than", "<="],
  ["not more than", "<="],
  ["not equal to", "!="],
  ["other than", "!="],
  ["equal to", "="],
  ["equals", "="],
  ["exactly", "="],
  ["=", "="],
];

export const patterns: readonly (readonly [string, Op])[] = [
  ["containing", "contains"],
  ["contains", "contains"],
  ["contain", "contains"],
  ["starting with", "starts_with"],
  ["starts with", "starts_with"],
  ["start with", "starts_with"],
  ["beginning with", "starts_with"],
  ["begins with", "starts_with"],
  ["begin with", "starts_with"],
];

/** Which end of an order a superlative asks for. */
export const superlatives: ReadonlyMap<string, "asc" | "desc"> = new Map([
  ["most", "desc"],
  ["highest", "desc"],
  ["largest", "desc"],
  ["greatest", "desc"],
  ["biggest", "desc"],
  ["maximum", "desc"],
  ["fewest", "asc"],
  ["least", "asc"],
  ["lowest", "asc"],
  ["smallest", "asc"],
  ["minimum", "asc"],
]);

export const grains: ReadonlyMap<string, TimeGrain> = new Map([
  ["hour", "hour"],
  ["hourly", "hour"],
  ["day", "day"],
  ["daily", "day"],
  ["week", "week"],
  ["weekly", "week"],
  ["month", "month"],
  ["monthly", "month"],
  ["quarter", "quarter"],
  ["quarterly", "quarter"],
  ["year", "year"],
  ["yearly", "year"],
  ["annual", "year"],
]);

export const determiners: ReadonlySet<string> = new Set(
  "the a an all any its their our his her these those corresponding respective".split(" "),
);

/** Words that point at what was spoken of before. */
export const possessives: ReadonlySet<string> = new Set("their its his her these those".split(" "));

/** "older than 56", "the oldest employee": the words of a column that is looked at, and which end of it they mean. */
const degrees: readonly (readonly [
  comparative: string,
  superlative: string,
  columns: readonly string[],
  end: "high" | "low",
])[] = [
  ["older", "oldest", ["age"], "high"],
  ["younger", "youngest", ["age"], "low"],
  ["taller", "tallest", ["height"], "high"],
  ["shorter", "shortest", ["height", "length"], "low"],
  ["longer", "longest", ["length", "duration"], "high"],
  ["heavier", "heaviest", ["weight"], "high"],
  ["lighter", "lightest", ["weight"], "low"],
  ["higher paid", "highest paid", ["salary", "wage", "pay", "compensation"], "high"],
  ["lower paid", "lowest paid", ["salary", "wage", "pay", "compensation"], "low"],
  ["better paid", "best paid", ["salary", "wage", "pay", "compensation"], "high"],
  ["more expensive", "most expensive", ["price", "cost", "rate", "fee"], "high"],
  ["less expensive", "least expensive", ["price", "cost", "rate", "fee"], "low"],
  ["cheaper", "cheapest", ["price", "cost", "rate", "fee"], "low"],
];

/** By superlative: which column is looked at, by its word, and which end of it. */
export const extremes: ReadonlyMap<string, readonly [words: readonly string[], direction: "asc" | "desc"]> = new Map(
  degrees.map(([, superlative, columns, end]) => [superlative, [columns, end === "high" ? "desc" : "asc"]]),
);

/** By comparative with its "than": which column is compared, by its word, and how. */
export const comparatives: ReadonlyMap<string, readonly [words: readonly string[], op: ">" | "<"]> = new Map(
  degrees.map(([comparative, , columns, end]) => [`${comparative} than`, [columns, end === "high" ? ">" : "<"]]),
);

/** Superlatives that are said of a thing's amount. */
export const sizes: ReadonlySet<string> = new Set(["highest", "largest", "greatest", "biggest", "lowest", "smallest"]);

export const distinctWords: ReadonlySet<string> = new Set(["distinct", "different", "unique"]);
/** Words behind which stands what numbers are split up by. */
export const splitting: ReadonlySet<string> = new Set(["different", "per", "by"]);
export const each: ReadonlySet<string> = new Set(["each", "every"]);

/** Words that a phrase never holds: it ends before them. */
export const boundaries: ReadonlySet<string> = new Set(
  (
    "of in from at on for by via to with within without per across during through among that which who whose where when whom having has have had is are was were be been do does did and or but not no " +
    "more less fewer than above below over under between at exceeding containing contains starting beginning each every how what there named called titled as if then so also only ever never except excluding including sorted ordered descending ascending"
  )
    .split(" ")
    .concat(degrees.flatMap(([comparative]) => comparative.split(" ").slice(0, 1))),
);

/** "who do not have any orders", "that don't have orders", "who never placed one", "that have never had any". */
export const lacking: readonly string[] = [
  ...["do", "does", "did"].flatMap((verb) => ["not", "n't", "n’t"].map((not) => `${verb} ${not} have`)),
  ...["had", "made", "placed", "got", "received"].map((verb) => `never ${verb}`),
  ...["have", "has", "had"].map((verb) => `${verb} never had`),
];

/** Verbs that say only that one thing has to do with another. What would leave rows out ("cancelled", "returned", "paid") is none. */
export const linkingVerbs: ReadonlySet<string> = new Set(
  (
    "associate relate connect link belong assign attach write author publish post receive give present offer provide serve " +
    "teach take enroll enrol hold earn get appear work flow locate base situate own"
  ).split(" "),
);

/** What else is said of things already counted: "the highest number of authors associated with them". */
export const echoes: readonly string[] = [
  "associated with them",
  "associated with it",
  "related to them",
  "linked to them",
  "belonging to them",
  "they have",
  "it has",
  "each has",
];

/** Where everything asked about is. */
export const everywhere: ReadonlySet<string> = new Set(["database", "dataset", "data", "system", "schema"]);

/** Ends of an order by the words for them: "from highest to lowest". */
export const highEnds: readonly string[] = "highest largest longest most greatest biggest best".split(" ");
export const lowEnds: readonly string[] = "lowest smallest shortest least fewest worst".split(" ");

/** Ends of an order by when rows happened. */
export const newEnds: readonly string[] = ["newest", "latest", "most recent"];
export const oldEnds: readonly string[] = ["oldest", "earliest", "least recent"];

/** Verbs that say where something is or that it happened at all; what follows or went before says the rest. */
export const lightVerbs: ReadonlySet<string> = new Set([
  "locate",
  "base",
  "situate",
  "live",
  "place",
  "make",
  "record",
  "exist",
  "list",
  "occur",
  "happen",
]);

/** Participles that stand before a noun as adjectives do. */
export const attributive: ReadonlySet<string> = new Set(
  "recurring opening closing outstanding remaining working operating existing incoming outgoing paid unpaid sold lost won sent".split(
    " ",
  ),
);

/** Words that are part of the verb before them: "sign up", "check out". */
export const particles: ReadonlySet<string> = new Set(["up", "out", "in", "off"]);

/** Verbs whose time is called otherwise. */
export const timeVerbs: ReadonlyMap<string, readonly string[]> = new Map([
  ["expire", ["expiry", "expiration", "end"]],
  ["leave", ["termination", "term", "leaving", "exit", "departure", "end"]],
  ["die", ["deceased", "death", "died"]],
  ["acquire", ["acquisition", "purchase"]],
  ["subscribe", ["subscription", "signup"]],
  ["register", ["registration", "signup"]],
  ["quit", ["termination", "leaving", "exit"]],
  ["join", ["hire", "hired", "start"]],
  ["begin", ["start"]],
  ["churn", ["cancelled", "canceled", "cancellation", "ended"]],
  ["churned", ["cancelled", "canceled", "cancellation", "ended"]],
  ["signup", ["created", "registered", "registration"]],
]);

/** What is still to happen, by what then has happened: of a question's rows more words say so than of a term's. */
export const stillUndone: ReadonlyMap<string, readonly string[]> = new Map([
  ...undoneWords,
  ["open", [...(undoneWords.get("open") ?? []), "completed", "finished"]],
  ["unresolved", ["resolved", "closed"]],
  ["failed", ["succeeded", "successful", "success", "passed"]],
  ["unsuccessful", ["succeeded", "success"]],
  ["active", "cancelled churned terminated ended deactivated left delisted retired archived discontinued".split(" ")],
]);

/** What only says that rows are as they are now. */
export const presently: ReadonlySet<string> = new Set(["yet", "still", "already", "currently"]);

/** Verbs of trade that say nothing more of an amount ("quantity sold") where the schema has no word for them. */
export const tradeVerbs: ReadonlySet<string> = new Set(
  "sell buy purchase make generate give take collect receive incur accrue earn record report".split(" "),
);

/** Nouns of money that is added up where their table has one amount; of other things the rows may be meant. */
export const moneyNouns: ReadonlySet<string> = new Set(
  "payment charge sale expense refund fee cost deposit withdrawal donation contribution gift payout commission spend budget revenue tax tip bonus salary receipt credit debit sales loss claim payroll transfer transaction".split(
    " ",
  ),
);

/** Verbs that are said of what a column measures ("earn more than 3000"), by the words for such columns. */
export const measuringVerbs: ReadonlyMap<string, readonly string[]> = new Map([
  ["earn", ["salary", "wage", "income", "earnings", "pay"]],
  ["cost", ["price", "cost"]],
  ["weigh", ["weight"]],
  ["last", ["duration", "length"]],
]);

/** What says when somebody was born, and how old somebody is where no column says it. */
export const births: readonly string[] = ["birth date", "date of birth", "birthdate", "dob"];
