/** Words: identifiers, lemmas, tokens with places, abbreviations. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestNames } from "../../src/terms/nearest.js";
import { expandAbbreviations, lemmasOf, splitIdentifier, tokensOf } from "../../src/terms/words.js";

describe("splitIdentifier", () => {
  it.each([
    ["custAcctNo2", "cust acct no 2"],
    ["hiredate", "hire date"],
    ["TERRCD", "terr cd"],
    ["ORDSTAT", "ord stat"],
    ["SLSMNCD", "slsmn cd"],
    ["pstalcd", "pstal cd"],
    ["festival", "festival"],
    ["HomeTown", "home town"],
    ["lst_inspec_mnth", "lst inspec mnth"],
    ["StuID", "stu id"],
    ["customerIDs", "customer ids"],
    ["Official_ratings_(millions)", "official ratings millions"],
    ["HTTPServerName", "http server name"],
    ["warehouse", "warehouse"],
    ["unit price", "unit price"],
  ])("%s", (name, words) => expect(splitIdentifier(name).join(" ")).toBe(words));

  it("keeps every letter and digit, in order", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_ ]{0,30}$/u), (name) => {
        expect(splitIdentifier(name).join("")).toBe(name.replaceAll(/[_ ]/gu, "").toLowerCase());
      }),
    );
  });
});

describe("expandAbbreviations", () => {
  it.each([
    ["cust_acct_no", "customer account"],
    ["dob", "date of birth"],
    ["qty", "quantity"],
    ["dso", "days sales outstanding"],
  ])("%s", (name, full) => {
    const words = expandAbbreviations(splitIdentifier(name)).flatMap((e) => e.meanings[0]?.words ?? []);
    expect(words.join(" ")).toContain(full);
  });

  it("prefers the schema's own words", () => {
    expect(expandAbbreviations(["inspec"], ["inspection", "invoice"])[0]?.meanings[0]?.words).toEqual(["inspection"]);
  });
});

describe("tokensOf", () => {
  it("gives places, lemmas, quotes and function words", () => {
    const text = 'Names of singers in "New York" since 2014-01-05?';
    const tokens = tokensOf(text);
    for (const token of tokens) expect(text.slice(token.start, token.end)).toBe(token.text);
    expect(tokens.find((t) => t.text === "singers")).toMatchObject({ lemma: "singer", stop: false, quoted: false });
    expect(tokens.find((t) => t.text === "York")?.quoted).toBe(true);
    expect(tokens.find((t) => t.text === "2014-01-05")?.kind).toBe("number");
    expect(lemmasOf("the names of singers")).toEqual(["name", "singer"]);
    expect(lemmasOf("ids of mailshots and datasets later than keywords")).toEqual([
      "id",
      "mailshot",
      "dataset",
      "late",
      "keyword",
    ]);
    expect(lemmasOf("status address campus bonus texas gas analysis athletics")).toEqual([
      "status",
      "address",
      "campus",
      "bonus",
      "texas",
      "gas",
      "analysis",
      "athletics",
    ]);
  });
});

describe("nearestNames", () => {
  const columns = [
    "id",
    "customer_id",
    "total",
    "order_date",
    "ship_date",
    "status",
    "currency",
    "customer_name",
    "unit_price",
    "quantity",
    "created_at",
  ];
  it.each([
    ["totl", "total"],
    ["ordr_date", "order_date"],
    ["qty", "quantity"],
    ["cust_name", "customer_name"],
    ["client_name", "customer_name"],
    ["prcie", "unit_price"],
    ["shipped", "ship_date"],
  ])("%s", (asked, right) => expect(nearestNames(asked, columns, 3)).toContain(right));
  it("offers nothing for nonsense", () => expect(nearestNames("xyzzy", columns, 3)).toEqual([]));
});

describe("verbs that command and nouns that look like them", () => {
  const telling = (text: string): string =>
    tokensOf(text)
      .filter((t) => t.kind !== "mark" && !t.stop)
      .map((t) => t.lower)
      .join(" ");

  it.each([
    ["order date", "order date"],
    ["state", "state"],
    ["List the names of all customers in order of age", "names customers age"],
    ["Which state has the most orders?", "state orders"],
    ["Show the list price of each item, and order by return date", "list price item return date"],
    ["State the number of orders per state please", "number orders state"],
  ])("%s", (text, expected) => {
    expect(telling(text)).toBe(expected);
  });
});
