/** The parts of ranking a question's columns: the tables it needs joined by keys, the kind of word beside a place, values within longer values, slips of the pen. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Table } from "../../src/schema/snapshot.js";
import type { ColumnStatistics } from "../../src/schema/statistics.js";
import { shippedAffinity } from "../../src/terms/affinities.js";
import { ask } from "../../src/terms/asked.js";
import { questionContext } from "../../src/terms/column-features.js";
import { standingsOf } from "../../src/terms/context-features.js";
import { cover } from "../../src/terms/coverage.js";
import { cueNames, cuesOf, wordAfter, wordBefore } from "../../src/terms/cues.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { joinTree } from "../../src/terms/join-tree.js";
import { numberFits } from "../../src/terms/number-fits.js";
import { laySets, setFeatureNames } from "../../src/terms/set-features.js";
import { type Candidate, laySettling, maxSettled, settlingNames } from "../../src/terms/settling.js";
import { countParts, joinsWithin, tableSets, weighSets } from "../../src/terms/table-sets.js";
import { buildTermIndex, type TermIndex } from "../../src/terms/term-index.js";
import { valuesIn } from "../../src/terms/values.js";
import { tokensOf } from "../../src/terms/words.js";
import { viewOf } from "../schema/snapshots.js";

type Keys = Readonly<Record<string, readonly [string, string]>>;

function table(name: string, columns: readonly string[], keys: Keys = {}): Table {
  return {
    schema: "main",
    name,
    kind: "table",
    columns: columns.map((column) => ({ name: column, type: "TEXT", nullable: true })),
    primaryKey: { columns: [columns[0] ?? ""] },
    uniques: [],
    foreignKeys: Object.entries(keys).map(([column, [target, key]]) => ({
      columns: [column],
      references: { schema: "main", table: target, columns: [key] },
    })),
    checks: [],
    indexes: [],
    triggers: [],
    policies: [],
  };
}

function indexOf(
  tables: readonly Table[],
  values: Readonly<Record<string, Record<string, ColumnStatistics>>> = {},
): TermIndex {
  const statistics = Object.fromEntries(Object.entries(values).map(([key, columns]) => [key, { columns }]));
  return buildTermIndex({ ...viewOf(tables), statistics: { tables: statistics } }, emptyGlossary);
}

const shop = indexOf([
  table("customers", ["customer_id", "name"]),
  table("orders", ["order_id", "customer_id"], { customer_id: ["customers", "customer_id"] }),
  table("order_items", ["item_id", "order_id", "product_id"], {
    order_id: ["orders", "order_id"],
    product_id: ["products", "product_id"],
  }),
  table("products", ["product_id", "title"]),
  table("audit", ["audit_id", "at"]),
]);

const named = (index: TermIndex, ids: Iterable<number>, of: "tables" | "columns") =>
  [...ids].map((id) => index[of][id]?.ref ?? "").sort();

describe("the tables that a question needs, joined", () => {
  it("goes along keys through the tables between", () => {
    const tree = joinTree(shop, Float32Array.of(0.9, 0.1, 0.05, 0.8, 0));
    expect(named(shop, tree.chosen, "tables")).toEqual(["customers", "products"]);
    expect(named(shop, tree.tables, "tables")).toEqual(["customers", "order_items", "orders", "products"]);
    expect(named(shop, tree.keys, "columns")).toEqual([
      "customers.customer_id",
      "order_items.order_id",
      "order_items.product_id",
      "orders.customer_id",
      "orders.order_id",
      "products.product_id",
    ]);
  });

  it("takes the likeliest where none is likely, and joins nothing that no key reaches", () => {
    expect(named(shop, joinTree(shop, Float32Array.of(0.1, 0.3, 0, 0, 0)).tables, "tables")).toEqual(["orders"]);
    const apart = joinTree(shop, Float32Array.of(0.9, 0, 0, 0, 0.9));
    expect(named(shop, apart.tables, "tables")).toEqual(["audit", "customers"]);
    expect(apart.keys.size).toBe(0);
  });

  it("prefers the way through a table that something speaks for", () => {
    const two = indexOf([
      table("people", ["person_id"]),
      table("cities", ["city_id"]),
      table("births", ["person_id", "city_id"], { person_id: ["people", "person_id"], city_id: ["cities", "city_id"] }),
      table("visits", ["person_id", "city_id"], { person_id: ["people", "person_id"], city_id: ["cities", "city_id"] }),
    ]);
    expect(named(two, joinTree(two, Float32Array.of(0.9, 0.9, 0.01, 0.4)).tables, "tables")).toContain("visits");
    expect(named(two, joinTree(two, Float32Array.of(0.9, 0.9, 0.4, 0.01)).tables, "tables")).toContain("births");
  });
});

describe("sets of tables", () => {
  const [customers, orders, items, products, audit] = [0, 1, 2, 3, 4] as const;

  it("are the likeliest, each also with what joins it, likeliest first", () => {
    const sets = tableSets(shop, Float32Array.of(0.9, 0.1, 0.05, 0.8, 0));
    expect(sets[0]?.tables).toEqual([customers, products]);
    expect(sets.map((s) => s.tables)).toContainEqual([customers, orders, items, products]);
    expect(sets.flatMap((s) => s.tables)).not.toContain(audit);
    expect(new Set(sets.map((s) => s.tables.join())).size).toBe(sets.length);
    expect(sets.map((s) => s.logLikelihood)).toEqual(sets.map((s) => s.logLikelihood).sort((a, b) => b - a));
  });

  it("are one of one table where none is likely, and none where there are no tables", () => {
    expect(tableSets(shop, Float32Array.of(0, 0.01, 0, 0, 0)).map((s) => s.tables)).toEqual([[orders]]);
    expect(tableSets(indexOf([]), new Float32Array(0))).toEqual([]);
  });

  it("fall into as many parts as keys leave apart", () => {
    expect(countParts(shop, [customers, orders])).toBe(1);
    expect(countParts(shop, [customers, products, audit])).toBe(3);
    expect(named(shop, joinsWithin(shop, [customers, orders, audit]), "columns")).toEqual([
      "customers.customer_id",
      "orders.customer_id",
    ]);
  });

  it("say of a table and of a key how probable the sets are that hold it", () => {
    const sets = [[customers], [customers, orders]].map((tables) => ({ tables, logLikelihood: 0 }));
    const weighed = weighSets(shop, sets, [0, Math.log(3)]);
    expect([...weighed.tables].map((p) => Number(p.toFixed(3)))).toEqual([1, 0.75, 0, 0, 0]);
    expect([...weighed.best]).toEqual([customers, orders]);
    expect(weighed.bestWeight).toBeCloseTo(0.75);
    expect(weighed.size).toBeCloseTo(1.75);
    expect(named(shop, weighed.joins.keys(), "columns")).toEqual(["customers.customer_id", "orders.customer_id"]);
    expect([...weighed.joins.values()]).toEqual([expect.closeTo(0.75), expect.closeTo(0.75)]);
  });

  it("are weighed so that their tables' probabilities add up to their size, whatever the probabilities", () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }), (p) => {
        const sets = tableSets(shop, Float32Array.from(p));
        const weighed = weighSets(
          shop,
          sets,
          sets.map((s) => s.logLikelihood),
        );
        expect(weighed.tables.reduce((a, b) => a + b, 0)).toBeCloseTo(weighed.size, 4);
        expect(Math.max(...weighed.tables)).toBeLessThanOrEqual(1.0001);
      }),
    );
  });

  it("are told apart by the words that they explain and by what they leave outside", () => {
    const asked = ask(shop, "titles of products and names of customers", new Map());
    const ids = shop.columns.map((c) => c.id);
    const context = questionContext(shop, asked, ids, shippedAffinity());
    const logs = Float32Array.from(ids, (id) => (["title", "name"].includes(shop.columns[id]?.name ?? "") ? 2 : -4));
    const sets = [[products], [customers, orders, items, products]].map((tables) => ({ tables, logLikelihood: -1 }));
    const rows = laySets(context, standingsOf(context, ids, logs), Float32Array.of(0.9, 0.1, 0.1, 0.9, 0), sets);
    const of = (i: number, name: string) => rows[i * setFeatureNames.length + setFeatureNames.indexOf(name)] as number;
    expect(rows.length).toBe(2 * setFeatureNames.length);
    expect([of(0, "size"), of(1, "size")]).toEqual([1, 4]);
    expect([of(0, "between"), of(1, "between")]).toEqual([0, 2]);
    expect(of(0, "explained")).toBeLessThan(0.8);
    expect(of(1, "explained")).toBeCloseTo(1);
    expect(of(0, "mostOutside")).toBeCloseTo(0.9);
    expect(of(1, "mostOutside")).toBe(0);
    expect(of(0, "missedOwn")).toBeGreaterThan(0.8);
    expect(of(1, "missedOwn")).toBe(0);
  });
});

describe("words beside a place", () => {
  it.each([
    ["Which film has the highest rate?", "film", 1, 6],
    ["How many films are there", "films", 3, 1],
    ["the names of the films, by year", "films", 4, 4],
    ["films", "films", 2, 5],
  ])("%s", (text, word, before, after) => {
    const tokens = tokensOf(text);
    const at = tokens.findIndex((t) => t.lower === word);
    expect([wordBefore(tokens, at), wordAfter(tokens, at, 1)]).toEqual([before, after]);
  });

  it("says -1 where there is no place", () => {
    expect([wordBefore([], -1), wordAfter([], -1, 1)]).toEqual([-1, -1]);
  });
});

describe("stored values in a sentence", () => {
  it("leaves out a value that is part of a longer one", () => {
    const index = indexOf([table("campuses", ["campus", "location"])], {
      "main.campuses": {
        campus: { values: [{ value: "San Jose State University", count: 1 }] },
        location: { values: [{ value: "San Jose", count: 1 }] },
      },
    });
    const spoken = (text: string) => valuesIn(index, text, tokensOf(text)).map((h) => h.stored);
    expect(spoken("Students of San Jose State University")).toEqual(["San Jose State University"]);
    expect(spoken("Students in San Jose")).toEqual(["San Jose"]);
  });
});

describe("slips of the pen", () => {
  const index = indexOf([table("claims", ["amount_bugdet", "forename", "measurement"])]);
  const exact = (text: string, column: string) =>
    cover(index, ask(index, text, new Map()), index.columns.find((c) => c.name === column)?.doc ?? empty).numbers[0] ??
    0;
  const empty = { concepts: new Int32Array(0), weights: new Float32Array(0) };

  it("are forgiven in the schema and in the question, and plurals of run-together names are met", () => {
    expect(exact("amount budget", "amount_bugdet")).toBeGreaterThan(0.75);
    expect(exact("the measuremnet", "measurement")).toBeGreaterThan(0.7);
    expect(exact("forenames of drivers", "forename")).toBeGreaterThan(0.9);
  });
});

describe("the last look", () => {
  it("sees each candidate beside its rivals of the same name and its twins by key", () => {
    const names = ["name.exact", "other"];
    const rows = Float32Array.of(1, 9, 0.5, 9, 0.25, 9);
    const candidates: Candidate[] = [
      { row: 1, log: 2, name: "id", twins: 4 },
      { row: 0, log: 1, name: "id", twins: -1 },
      { row: 2, log: 0, name: "code", twins: 4 },
    ];
    const own = settlingNames("column");
    const out = laySettling("column", candidates, names, rows);
    const at = (i: number, name: string) => out[i * own.length + own.indexOf(name)];
    expect(out.length).toBe(3 * own.length);
    expect([at(0, "gap"), at(1, "gap"), at(2, "gap")]).toEqual([1, -1, -2]);
    expect([at(0, "sameGap"), at(0, "twinGap"), at(1, "twinGap")]).toEqual([1, 2, 12]);
    expect([at(0, "name.exact"), at(1, "name.exact")]).toEqual([0.5, 1]);
  });

  it("is for the best few", () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ row: i, log: -i, name: String(i), twins: -1 }));
    const out = laySettling("table", many, ["name.exact"], new Float32Array(40));
    expect(out.length).toBe(maxSettled * settlingNames("table").length);
  });
});

describe("words that a name writes in another way", () => {
  const phones = indexOf([table("models", ["model_id", "WiFi", "flno", "screen"])]);
  const spelled = (text: string, name: string): number => {
    const column = phones.columns.find((c) => c.name === name);
    return column === undefined ? 0 : (cover(phones, ask(phones, text, new Map()), column.doc).numbers[0] ?? 0);
  };

  it("meets two short parts written as one word", () => {
    expect(spelled("models without wifi", "WiFi")).toBeGreaterThan(0.9);
    expect(spelled("models without wifi", "screen")).toBe(0);
  });

  it("meets two words shortened and run together, by letters or by the lexicon", () => {
    expect(spelled("the flight number of all flights", "flno")).toBeGreaterThan(0.6);
  });
});

describe("the numbers of a question", () => {
  const column = (min: string | number, max: string | number): ColumnStatistics => ({ min, max });
  const films = indexOf([table("films", ["film_id", "released", "year", "length", "title"])], {
    "main.films": {
      film_id: column(1, 900),
      released: column("1971-03-01", "2008-11-30"),
      year: column(1971, 2008),
      length: column(40, 260),
    },
  });
  const fitting = (question: string) => {
    const { literals, share } = numberFits(films, tokensOf(question), () => false);
    return { literals, fits: Object.fromEntries([...share].map(([id, s]) => [films.columns[id]?.name ?? "", s])) };
  };

  it.each([
    ["longer than 90", 1, { length: 1 }],
    ["after 1999", 1, { released: 0.5, year: 0.5 }],
    ["since 2001-05-01", 1, { released: 1 }],
    ["over 90 and before 1980", 2, { length: 1, released: 0.5, year: 0.5 }],
    ["more than 5,000", 1, {}],
    ["the longest", 0, {}],
  ])("of %s lie within what a column that is no key holds", (question, literals, fits) => {
    expect(fitting(question)).toEqual({ literals, fits });
  });

  it("are not those that stored values or quotation marks explain", () => {
    expect(numberFits(films, tokensOf('titled "90"'), () => false).literals).toBe(0);
    expect(numberFits(films, tokensOf("room 90"), (at) => at === 1).literals).toBe(0);
  });
});

describe("cues", () => {
  const cue = (question: string, name: (typeof cueNames)[number]) => cuesOf(tokensOf(question))[cueNames.indexOf(name)];

  it.each([
    ["orders after 2020-01-31", "hasDate", 1],
    ["orders of March", "hasDate", 1],
    ["orders over 40", "hasDate", 0],
    ["orders over 40", "compares", 1],
    ["orders of 40", "compares", 0],
    ["customers without orders", "negates", 1],
    ["customers with orders", "negates", 0],
    ["all information about customers", "everything", 1],
    ["all customers", "everything", 0],
    ["names in alphabetical order", "ordinal", 1],
    ["between 40 and 50", "numbers", 2],
  ] as const)("of %s: %s is %d", (question, name, value) => {
    expect(cue(question, name)).toBe(value);
  });
});
