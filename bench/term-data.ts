/**
 * The development sets of term mapping as schema views and labelled questions and phrases. Reads the data directory (`SEXTANT_DATA`, default
 * `../shared/data`); writes nothing. Schemas of sets without a database file are put together from what their questions name.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { tableKey } from "../src/schema/names.js";
import { declaredRelationships } from "../src/schema/relationships.js";
import type { Column, SchemaSnapshot, Table } from "../src/schema/snapshot.js";
import type { ColumnStatistics, TableStatistics } from "../src/schema/statistics.js";
import type { SchemaView } from "../src/schema/view.js";
import { lemmaOf, lemmasOf, splitIdentifier } from "../src/terms/words.js";

export const dataDirectory = process.env.SEXTANT_DATA ?? new URL("../../shared/data", import.meta.url).pathname;

export interface QuestionCase {
  readonly set: "spider" | "syn" | "bull" | "science";
  readonly db: string;
  readonly question: string;
  readonly tables: readonly string[];
  readonly columns: readonly string[];
  /** Without those that only join. */
  readonly telling: readonly string[];
}

export interface PhraseCase {
  readonly set: "phrase" | "phrase-syn" | "value" | "readable" | "qualified" | "shortened" | "described" | "number";
  readonly db: string;
  readonly question: string | undefined;
  readonly phrase: string;
  readonly kind: "table" | "column" | "value";
  /** `table` or `table.column`; lower case. Empty where the phrase means nothing of the schema. */
  readonly gold: string;
  readonly value?: string;
}

export function lines<T>(path: string): T[] {
  const file = `${dataDirectory}/${path}`;
  if (!existsSync(file)) throw new Error(`There is no ${path} in the data directory; set SEXTANT_DATA.`);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((l) => l !== "")
    .map((l) => JSON.parse(l) as T);
}

const maxValuesPerColumn = 5000;
export const emptyTable = { uniques: [], foreignKeys: [], checks: [], indexes: [], triggers: [], policies: [] };
const emptySnapshot = {
  schemas: [{ name: "main" }],
  enums: [],
  domains: [],
  composites: [],
  sequences: [],
  functions: [],
  extensions: [],
};

export function viewOf(db: string, tables: readonly Table[], statistics: Record<string, TableStatistics>): SchemaView {
  const snapshot: SchemaSnapshot = { dialect: "sqlite", defaultSchema: "main", tables, ...emptySnapshot };
  return {
    snapshot,
    version: `sha256:${db}`,
    statistics: { tables: statistics },
    relationships: declaredRelationships(snapshot),
  };
}

/** Every SQLite database of the Spider set, with the values of its text columns. */
export function spiderViews(): Map<string, SchemaView> {
  const root = `${dataDirectory}/spider/database`;
  return new Map(
    readdirSync(root)
      .sort()
      .map((db) => [db, sqliteView(`${root}/${db}/${db}.sqlite`, db)]),
  );
}

export function sqliteView(file: string, db: string): SchemaView {
  const base = new Database(file, { readonly: true, fileMustExist: true });
  base.defaultSafeIntegers(false);
  const names = base
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
    .pluck()
    .all() as string[];
  const statistics: Record<string, TableStatistics> = {};
  const read = names.map((name) => {
    const table = sqliteTable(base, name, names);
    statistics[tableKey(table)] = profile(base, table);
    return table;
  });
  base.close();
  return viewOf(db, read, statistics);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function sqliteTable(base: Database.Database, name: string, names: readonly string[]): Table {
  const info = base.prepare('select name, type, "notnull" as required, pk from pragma_table_info(?)').all(name) as {
    name: string;
    type: string;
    required: number;
    pk: number;
  }[];
  const keys = base
    .prepare(
      'select id, seq, "table" as target, "from" as own, "to" as theirs from pragma_foreign_key_list(?) order by id, seq',
    )
    .all(name) as {
    id: number;
    target: string;
    own: string;
    theirs: string | null;
  }[];
  const groups = new Map<number, typeof keys>();
  for (const key of keys) groups.set(key.id, [...(groups.get(key.id) ?? []), key]);
  const columns: Column[] = info.map((c) => ({ name: c.name, type: c.type, nullable: c.required === 0 }));
  const own = (column: string) => columns.find((c) => c.name.toLowerCase() === column.toLowerCase())?.name ?? column;
  const primary = info
    .filter((c) => c.pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map((c) => c.name);
  const foreignKeys = [...groups.values()].flatMap((group) => {
    const target = names.find((n) => n.toLowerCase() === group[0]?.target.toLowerCase());
    if (target === undefined) return [];
    const there = base.prepare("select name, pk from pragma_table_info(?)").all(target) as {
      name: string;
      pk: number;
    }[];
    const key = there.filter((c) => c.pk > 0);
    return [
      {
        columns: group.map((k) => own(k.own)),
        references: {
          schema: "main",
          table: target,
          columns: group.map(
            (k, i) =>
              there.find((c) => c.name.toLowerCase() === (k.theirs ?? key[i]?.name ?? "").toLowerCase())?.name ??
              k.theirs ??
              "",
          ),
        },
      },
    ];
  });
  return {
    schema: "main",
    name,
    kind: "table",
    columns,
    ...emptyTable,
    foreignKeys,
    ...(primary.length > 0 ? { primaryKey: { columns: primary } } : {}),
  };
}

function profile(base: Database.Database, table: Table): TableStatistics {
  const columns: Record<string, ColumnStatistics> = {};
  for (const column of table.columns) {
    const name = quoted(column.name);
    const [min, max] = base
      .prepare(`select min(${name}), max(${name}) from ${quoted(table.name)}`)
      .raw()
      .get() as unknown[];
    const bound = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";
    const range = bound(min) && bound(max) ? { min, max } : {};
    columns[column.name] = range;
    if (!/char|text|clob|string|^$/iu.test(column.type)) continue;
    const rows = base
      .prepare(
        `select cast(${quoted(column.name)} as text) as value, count(*) as count from ${quoted(table.name)} where ${quoted(column.name)} is not null group by 1 order by 2 desc, 1 limit ${maxValuesPerColumn}`,
      )
      .all() as { value: string; count: number }[];
    columns[column.name] = { ...range, values: rows.filter((r) => r.value.length <= 200) };
  }
  const rowEstimate = base
    .prepare(`select count(*) from ${quoted(table.name)}`)
    .pluck()
    .get() as number;
  return { rowEstimate, columns };
}

interface LinkedQuestion {
  readonly db_id: string;
  readonly question: string;
  readonly gold_tables: readonly string[];
  readonly gold_columns: readonly string[];
  readonly gold_columns_nonjoin: readonly string[];
}

interface IntentLine {
  readonly db_id: string;
  readonly question: string;
  readonly question_syn?: string | null;
  readonly gold_tables: readonly string[];
  readonly measures: readonly { readonly term: string; readonly term_qualified?: string; readonly gold: string }[];
  readonly dimensions: readonly { readonly term: string; readonly term_qualified?: string; readonly gold: string }[];
  readonly filters: readonly {
    readonly term: string;
    readonly term_qualified?: string;
    readonly gold: string;
    readonly op: string;
    readonly value?: unknown;
  }[];
}

const linked =
  (set: QuestionCase["set"]) =>
  (q: LinkedQuestion): QuestionCase => ({
    set,
    db: q.db_id,
    question: q.question,
    tables: q.gold_tables.map((t) => t.toLowerCase()),
    columns: q.gold_columns.map((c) => c.toLowerCase()),
    telling: q.gold_columns_nonjoin.map((c) => c.toLowerCase()),
  });

/** Spider questions, and the same with synonyms substituted. */
export function spiderQuestions(): QuestionCase[] {
  const plain = lines<LinkedQuestion>("spider/qlinking_spider_train.jsonl").map(linked("spider"));
  const known = new Map(plain.map((q) => [`${q.db}\u0000${q.question}`, q]));
  const syn = lines<IntentLine>("spider/intents_train.jsonl").flatMap((l): QuestionCase[] => {
    const gold = known.get(`${l.db_id}\u0000${l.question}`);
    return (l.question_syn ?? null) === null || gold === undefined || l.question_syn === l.question
      ? []
      : [{ ...gold, set: "syn", question: l.question_syn ?? "" }];
  });
  return [...plain, ...syn].filter((q) => q.columns.length > 0);
}

const otherSets = {
  bull: { questions: ["bull/qlinking_bull_en_train.jsonl"], intents: ["bull/intents_bull_train.jsonl"] },
  science: {
    questions: ["cordis", "oncomx", "sdss"].map((n) => `science/qlinking_science_${n}_seed.jsonl`),
    intents: ["cordis", "oncomx", "sdss"].map((n) => `science/intents_science_${n}_seed.jsonl`),
  },
} as const;

export function otherQuestions(set: "bull" | "science"): QuestionCase[] {
  return otherSets[set].questions
    .flatMap((f) => lines<LinkedQuestion>(f).map(linked(set)))
    .filter((q) => q.columns.length > 0);
}

/** Schemas that questions alone tell of: tables and columns by name, readable names as comments where `comments`. */
export function otherViews(set: "bull" | "science", comments: boolean): Map<string, SchemaView> {
  const found = new Map<string, Map<string, Set<string>>>();
  const joins = new Map<string, Set<string>>();
  const readable = new Map<string, string>();
  for (const q of otherSets[set].questions.flatMap((f) => lines<LinkedQuestion>(f))) {
    const tables = found.get(q.db_id) ?? new Map<string, Set<string>>();
    found.set(q.db_id, tables);
    for (const ref of q.gold_columns) {
      const [table, column] = ref.split(".");
      if (table === undefined || column === undefined) continue;
      tables.set(table, (tables.get(table) ?? new Set()).add(column));
    }
  }
  for (const l of otherSets[set].intents.flatMap((f) =>
    lines<IntentLine & { readonly gold_joins: readonly (readonly [string, string])[] }>(f),
  )) {
    for (const part of [...l.measures, ...l.dimensions, ...l.filters]) {
      const full = part.term_qualified ?? part.term;
      if (full !== "*") readable.set(`${l.db_id}.${part.gold}`.toLowerCase(), part.term.length > 0 ? part.term : full);
    }
    for (const [a, b] of l.gold_joins) joins.set(l.db_id, (joins.get(l.db_id) ?? new Set()).add(`${a}=${b}`));
  }
  return new Map(
    [...found].map(([db, tables]) => {
      const list = [...tables]
        .sort((a, b) => (a[0] < b[0] ? -1 : 1))
        .map(
          ([name, columns]): Table => ({
            schema: "main",
            name,
            kind: "table",
            ...emptyTable,
            columns: [...columns].sort().map((column) => {
              const comment = comments ? readable.get(`${db}.${name}.${column}`.toLowerCase()) : undefined;
              return {
                name: column,
                type: guessType(column),
                nullable: true,
                ...(comment === undefined ? {} : { comment }),
              };
            }),
          }),
        );
      return [db, viewOf(db, list, {})];
    }),
  );
}

function guessType(column: string): string {
  if (/date|time|year/iu.test(column)) return "date";
  if (/rate|ratio|num|amount|count(?!ry)|price|value|share|cost|score|pct|turnover|volume/iu.test(column))
    return "numeric";
  return "text";
}

interface LinkLine {
  readonly db_id: string;
  readonly question: string;
  readonly phrase: string;
  readonly kind: "table" | "column";
  readonly gold: string;
}

export function spiderPhrases(): PhraseCase[] {
  const linkOf =
    (set: "phrase" | "phrase-syn") =>
    (l: LinkLine): PhraseCase => ({
      set,
      db: l.db_id,
      question: l.question,
      phrase: l.phrase,
      kind: l.kind,
      gold: l.gold.toLowerCase(),
    });
  return [
    ...lines<LinkLine>("spider/linking_train_weak.jsonl").map(linkOf("phrase")),
    ...lines<LinkLine>("spider/linking_syn_train_weak.jsonl").map(linkOf("phrase-syn")),
  ];
}

/** Text values of filters that stand word for word in their question. */
export function spiderValues(): PhraseCase[] {
  return lines<IntentLine>("spider/intents_train.jsonl").flatMap((l) =>
    l.filters.flatMap((f): PhraseCase[] => {
      if (typeof f.value !== "string" || f.op !== "=" || f.value.length < 2) return [];
      const at = l.question.toLowerCase().indexOf(f.value.toLowerCase());
      if (at < 0) return [];
      return [
        {
          set: "value",
          db: l.db_id,
          question: l.question,
          phrase: l.question.slice(at, at + f.value.length),
          kind: "value",
          gold: f.gold.toLowerCase(),
          value: f.value,
        },
      ];
    }),
  );
}

/** Readable names of columns, as an agent would pass them, with the question and without. */
export function readableTerms(): PhraseCase[] {
  const seen = new Set<string>();
  return lines<IntentLine>("spider/intents_train.jsonl").flatMap((l) =>
    [...l.measures, ...l.dimensions, ...l.filters].flatMap((part): PhraseCase[] => {
      const key = `${l.db_id}\u0000${part.term}\u0000${part.gold}`;
      if (part.gold.endsWith("*") || seen.has(key)) return [];
      seen.add(key);
      const common = {
        set: "readable",
        db: l.db_id,
        phrase: part.term,
        kind: "column",
        gold: part.gold.toLowerCase(),
      } as const;
      return [{ ...common, question: l.question }];
    }),
  );
}

/** Readable names of columns, by `database.table.column` in lower case. */
export function readableNames(): ReadonlyMap<string, string> {
  return new Map(readableTerms().map(({ db, gold, phrase }) => [`${db}.${gold}`.toLowerCase(), phrase]));
}

/** Columns of the other sets as they are described, by three words or more that no other column of theirs has; a third within their questions. */
export function describedTerms(): PhraseCase[] {
  return (["bull", "science"] as const).flatMap((set) => {
    const parts = otherSets[set].intents.flatMap((f) =>
      lines<IntentLine>(f).flatMap((l) =>
        [...l.measures, ...l.dimensions, ...l.filters].map(({ term, gold }) => ({
          db: l.db_id,
          phrase: term,
          gold: gold.toLowerCase(),
          question: l.question,
        })),
      ),
    );
    const golds = new Map<string, Set<string>>();
    const key = (p: (typeof parts)[number]) => `${p.db} ${p.phrase.toLowerCase()}`;
    for (const p of parts) golds.set(key(p), (golds.get(key(p)) ?? new Set()).add(p.gold));
    const seen = new Set<string>();
    return parts.flatMap((p): PhraseCase[] => {
      if (p.phrase.split(" ").length < 3 || golds.get(key(p))?.size !== 1 || seen.has(key(p))) return [];
      seen.add(key(p));
      const question = foldOf(key(p), 3) === 0 ? p.question : undefined;
      return [{ ...p, set: "described", kind: "column", question }];
    });
  });
}

/**
 * Columns called by their table's name and their own, and the same with a word or two left out where what is left fits no other column's names (`invoice
 * total` for the total amount of invoices): how agents speak of columns whose names they do not know.
 */
export function qualifiedTerms(views: ReadonlyMap<string, SchemaView>): PhraseCase[] {
  const seen = new Set<string>();
  const names = new Map([...views].map(([db, view]) => [db, wordsOfColumns(view)]));
  return lines<IntentLine>("spider/intents_train.jsonl").flatMap((l) =>
    [...l.measures, ...l.dimensions, ...l.filters].flatMap(({ term, term_qualified: phrase, gold }): PhraseCase[] => {
      const key = `${l.db_id}\u0000${gold}`;
      if (phrase === undefined || gold.endsWith("*") || seen.has(key)) return [];
      seen.add(key);
      const place = foldOf(key, 1_000);
      const question = place % 3 === 0 ? l.question : undefined;
      const common = { db: l.db_id, kind: "column", gold: gold.toLowerCase(), question } as const;
      const short = shortened(phrase, place);
      const lemmas = lemmasOf(short);
      const others = [...(names.get(l.db_id) ?? [])].filter(([ref]) => ref !== common.gold);
      const fitsOthers = others.some(([, words]) => lemmas.every((w) => words.has(w)));
      return [
        ...(phrase === term ? [] : [{ ...common, set: "qualified", phrase } as const]),
        ...(short === phrase || fitsOthers ? [] : [{ ...common, set: "shortened", phrase: short } as const]),
      ];
    }),
  );
}

/** By `table.column` in lower case: the words of both names. */
function wordsOfColumns(view: SchemaView): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    view.snapshot.tables.flatMap((table) =>
      table.columns.map(({ name }) => {
        const words = [...splitIdentifier(table.name), ...splitIdentifier(name)].map(lemmaOf);
        return [`${table.name}.${name}`.toLowerCase(), new Set(words)] as const;
      }),
    ),
  );
}

/** A phrase of three words or more without one of them, of five or more without two; `place` says which. */
export function shortened(phrase: string, place: number): string {
  const words = [...new Set(phrase.split(" "))];
  for (let left = words.length >= 5 ? 2 : words.length >= 3 ? 1 : 0; left > 0; left -= 1)
    words.splice(place % words.length, 1);
  return words.join(" ");
}

/** The name under which a database stands among the tables of others. */
export const wide = (db: string): string => `${db}+`;
export const isWide = (db: string): boolean => db.endsWith("+");
/** The database that stands there. */
export const narrow = (db: string): string => db.replace(/[+#~]+$/, "");

/**
 * Each database as a part of a large one: with the tables of others of its group, those left out that are called as one of its own is. Schemas of companies
 * are like that, and in them much more stands beside what is meant. `size` columns, from the least to the most.
 */
export function wideViews(
  views: ReadonlyMap<string, SchemaView>,
  groupOf: (db: string) => number,
  size: readonly [number, number],
): Map<string, SchemaView> {
  const names = [...views.keys()];
  return new Map(
    names.map((db) => {
      const own = views.get(db) as SchemaView;
      const wanted = size[0] + foldOf(`${db} size`, size[1] - size[0]);
      const tables = [...own.snapshot.tables];
      const statistics = { ...own.statistics.tables };
      const called = (table: Table) => lemmasOf(splitIdentifier(table.name).join(" ")).join(" ");
      const taken = new Set(tables.map(called));
      let columns = tables.reduce((n, t) => n + t.columns.length, 0);
      const others = names
        .filter((other) => other !== db && groupOf(other) === groupOf(db))
        .sort((a, b) => foldOf(`${db} ${a}`, 1e9) - foldOf(`${db} ${b}`, 1e9));
      for (const other of others) {
        if (columns >= wanted) break;
        const fresh = views.get(other)?.snapshot.tables ?? [];
        if (fresh.some((table) => taken.has(called(table)))) continue;
        for (const table of fresh) {
          taken.add(called(table));
          tables.push(table);
          columns += table.columns.length;
          const known = views.get(other)?.statistics.tables[tableKey(table)];
          if (known !== undefined) statistics[tableKey(table)] = known;
        }
      }
      return [wide(db), viewOf(wide(db), tables, statistics)] as const;
    }),
  );
}

/** Databases in `count` groups by a hash of their names, the same on every machine. */
export function foldOf(db: string, count: number): number {
  let hash = 2_166_136_261;
  for (const letter of db) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) % count;
}

/** One table of columns with these names, all text. */
export function namesView(db: string, names: readonly string[]): SchemaView {
  const columns = names.map((name) => ({ name, type: "text", nullable: true }));
  return viewOf(db, [{ schema: "main", name: "t", kind: "table", ...emptyTable, columns }], {});
}

/** A made-up schema of so many columns: the tables of the Spider set over and over under other names. */
export function manyColumns(count: number): SchemaView {
  const base = [...spiderViews().values()].flatMap((v) => v.snapshot.tables);
  const tables: Table[] = [];
  let columns = 0;
  for (let round = 0; columns < count; round += 1) {
    for (const table of base) {
      if (columns >= count) break;
      tables.push({
        ...table,
        name: round === 0 ? `${table.name}_${tables.length}` : `${table.name}_archive_${round}_${tables.length}`,
        foreignKeys: [],
      });
      columns += table.columns.length;
    }
  }
  return viewOf("many", tables, {});
}
