/**
 * Terms in the large schemas of real products, which no ranker was trained on: columns called by their own words (where no other column has them), by
 * their table's and their own, and as their documentation describes them, all with the schemas' comments hidden; and as they are described with a word or two
 * left out, where the descriptions stand as comments. No rows are there. Of each set: the right
 * one first and among five, how many terms are matched and how many of those wrongly, and how far confidences are from the truth. PostgreSQL:
 * SEXTANT_TEST_POSTGRES_URL or an embedded server.
 */

import { existsSync, readFileSync } from "node:fs";
import { openConnector } from "../src/databases/open.js";
import { declaredRelationships } from "../src/schema/relationships.js";
import type { SchemaSnapshot } from "../src/schema/snapshot.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { buildTermIndex, type TermIndex } from "../src/terms/term-index.js";
import { splitIdentifier } from "../src/terms/words.js";
import { startEmbeddedPostgres } from "../test/servers/embedded.js";
import { calibrationError, mean } from "./metrics.js";
import { inScratch, schemaOf } from "./scratch.js";
import { dataDirectory, lines, shortened } from "./term-data.js";

const schemas = ["adventureworks", "killbill", "lago", "sourcegraph"] as const;
/** Terms a set of one schema, spread evenly. */
const maxTerms = 400;
/** Longer descriptions say more than a term does. */
const maxWords = 12;

interface Case {
  readonly term: string;
  /** `schema.table.column`, lower case. */
  readonly gold: string;
}

export async function run(): Promise<void> {
  const given = process.env["SEXTANT_TEST_POSTGRES_URL"];
  const embedded = given === undefined || given === "" ? await startEmbeddedPostgres() : undefined;
  try {
    console.log("names: terms in schemas never trained on, kinds column and table");
    for (const name of schemas) {
      const dump = readFileSync(`${dataDirectory}/schemas/${name}.sql`, "utf8");
      await inScratch(given || embedded?.url || "", await schemaOf(dump), (url) => measure(name, url));
    }
  } finally {
    await embedded?.stop();
  }
}

async function measure(name: string, url: string): Promise<void> {
  const connector = openConnector({ url, allowSuperuser: true });
  const { snapshot: read } = await connector.inspect();
  await connector.close();
  const snapshot = withoutComments(read);
  const plain = indexOf(snapshot);
  console.log(`${name}: ${plain.tables.length} tables, ${plain.columns.length} columns`);
  const described = describedCases(name);
  const documented = indexOf(withComments(snapshot, described));
  const shorter = described.map((c, i) => ({ ...c, term: shortened(c.term, i) }));
  for (const [set, index, cases] of [
    ...Object.entries(namedCases(snapshot)).map(([set, cases]) => [set, plain, cases] as const),
    ["described", plain, described] as const,
    ["commented", documented, shorter] as const,
  ]) {
    const some = spread(cases);
    if (some.length === 0) continue;
    const found = some.map(({ term, gold }) => {
      const { status, matches } = mapTerm(index, { term, kinds: ["column", "table"], limit: 10 });
      const refs = matches.map((m) => fullRef(snapshot, m.ref));
      return { status, place: refs.indexOf(gold), confidence: matches[0]?.confidence ?? 0, right: refs[0] === gold };
    });
    const share = (holds: (f: (typeof found)[number]) => boolean) => mean(found.map((f) => (holds(f) ? 1 : 0)));
    const matched = found.filter((f) => f.status === "matched");
    const wrong = matched.filter((f) => !f.right).length / Math.max(1, matched.length);
    console.log(
      `  ${set.padEnd(10)} n ${String(found.length).padStart(3)}  @1 ${share((f) => f.right).toFixed(3)}  @5 ${share((f) => f.place >= 0 && f.place < 5).toFixed(3)}  matched ${share((f) => f.status === "matched").toFixed(3)}, of them wrong ${wrong.toFixed(3)}  nothing found ${share((f) => f.status === "no_match").toFixed(3)}  ECE ${calibrationError(found).toFixed(3)}`,
    );
  }
}

function indexOf(snapshot: SchemaSnapshot): TermIndex {
  const relationships = declaredRelationships(snapshot);
  return buildTermIndex(
    { snapshot, version: "sha256:names", statistics: { tables: {} }, relationships },
    emptyGlossary,
  );
}

function withComments(snapshot: SchemaSnapshot, described: readonly Case[]): SchemaSnapshot {
  const said = new Map(described.map((c) => [c.gold, c.term]));
  const tables = snapshot.tables.map((table) => {
    const columns = table.columns.map((column) => {
      const comment = said.get(`${table.schema}.${table.name}.${column.name}`.toLowerCase());
      return comment === undefined ? column : { ...column, comment };
    });
    return { ...table, columns };
  });
  return { ...snapshot, tables };
}

function withoutComments(snapshot: SchemaSnapshot): SchemaSnapshot {
  const text = JSON.stringify(snapshot, (key, value: unknown) => (key === "comment" ? undefined : value));
  return JSON.parse(text) as SchemaSnapshot;
}

/** Columns of tables by their words; those that end with "id" are left out, for without it they are their table. */
function namedCases(snapshot: SchemaSnapshot): { readonly own: readonly Case[]; readonly qualified: readonly Case[] } {
  const columns = snapshot.tables
    .filter((table) => table.kind === "table")
    .flatMap((table) =>
      table.columns.map((column) => {
        const own = splitIdentifier(column.name);
        const gold = `${table.schema}.${table.name}.${column.name}`.toLowerCase();
        return { own, gold, term: [...splitIdentifier(table.name), ...own].join(" ") };
      }),
    );
  const counts = new Map<string, number>();
  for (const { own } of columns) counts.set(own.join(" "), (counts.get(own.join(" ")) ?? 0) + 1);
  const single = columns.filter(({ own }) => own.length > 1 && own.at(-1) !== "id" && counts.get(own.join(" ")) === 1);
  return { own: single.map(({ own, gold }) => ({ term: own.join(" "), gold })), qualified: columns };
}

function describedCases(name: string): readonly Case[] {
  const file = `schemas/descriptions_${name}.jsonl`;
  if (!existsSync(`${dataDirectory}/${file}`)) return [];
  return lines<{ readonly object: string; readonly kind: string; readonly description: string }>(file)
    .filter((l) => l.kind === "column" && l.description.split(" ").length <= maxWords)
    .map((l) => ({ term: l.description, gold: l.object.toLowerCase() }));
}

function spread(cases: readonly Case[]): readonly Case[] {
  const step = Math.max(1, cases.length / maxTerms);
  return Array.from({ length: Math.min(maxTerms, cases.length) }, (_, i) => cases[Math.floor(i * step)] as Case);
}

/** A Ref with its schema, unquoted and in lower case. */
function fullRef(snapshot: SchemaSnapshot, ref: string): string {
  const plain = ref.replaceAll('"', "").toLowerCase();
  const inDefault = plain.split(".").length < 3 && !snapshot.schemas.some((s) => plain.startsWith(`${s.name}.`));
  return inDefault ? `${snapshot.defaultSchema}.${plain}` : plain;
}
