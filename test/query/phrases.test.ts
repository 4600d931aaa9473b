/** Phrases for periods, seen from a fixed day; both ends of each. */

import { describe, expect, test } from "vitest";
import { addMonths, startOf } from "../../src/query/calendar.js";
import { parsePhrase } from "../../src/query/phrases.js";

const at = (today: string, month = 1, day = 1) => ({ today, fiscal: { month, day } });

describe("phrases", () => {
  test.each([
    ["2024", "2024-01-01", "2025-01-01"],
    ["March 2024", "2024-03-01", "2024-04-01"],
    ["Feb 2024", "2024-02-01", "2024-03-01"],
    ["2024-02", "2024-02-01", "2024-03-01"],
    ["Q3 2024", "2024-07-01", "2024-10-01"],
    ["2024-Q1", "2024-01-01", "2024-04-01"],
    ["second quarter of 2024", "2024-04-01", "2024-07-01"],
    ["first half of 2023", "2023-01-01", "2023-07-01"],
    ["last quarter", "2023-10-01", "2024-01-01"],
    ["this quarter", "2024-01-01", "2024-04-01"],
    ["last month", "2024-01-01", "2024-02-01"],
    ["last year", "2023-01-01", "2024-01-01"],
    ["this week", "2024-02-26", "2024-03-04"],
    ["YTD", "2024-01-01", "2024-03-01"],
    ["month to date", "2024-02-01", "2024-03-01"],
    ["last 90 days", "2023-12-02", "2024-03-01"],
    ["past 3 months", "2023-11-01", "2024-02-01"],
    ["yesterday", "2024-02-28", "2024-02-29"],
    ["since March 2023", "2023-03-01", undefined],
    ["before 2024", undefined, "2024-01-01"],
    ["between January 2023 and March 2023", "2023-01-01", "2023-04-01"],
    ["29 February 2024", "2024-02-29", "2024-03-01"],
  ])("%s", (phrase, from, to) => {
    const period = parsePhrase(phrase, at("2024-02-29"));
    expect([period?.from, period?.to]).toEqual([from, to]);
  });

  test("a fiscal year is named for the year it ends in", () => {
    const period = parsePhrase("FY2025", at("2024-02-29", 7));
    expect([period?.from, period?.to]).toEqual(["2024-07-01", "2025-07-01"]);
  });

  test("a fiscal year may begin within a month", () => {
    const uk = { month: 4, day: 6 };
    expect(startOf("2024-04-05", "year", uk)).toBe("2023-04-06");
    expect(startOf("2024-04-06", "year", uk)).toBe("2024-04-06");
    expect(startOf("2025-01-05", "quarter", uk)).toBe("2024-10-06");
    const period = parsePhrase("last fiscal quarter", at("2024-04-05", 4, 6));
    expect([period?.from, period?.to]).toEqual(["2023-10-06", "2024-01-06"]);
  });

  test.each(["soon", "the other day", "Q5 2024", "2024-13", "30 February 2024", "", "constructor"])(
    "%j is no period",
    (phrase) => {
      expect(parsePhrase(phrase, at("2024-02-29"))).toBeUndefined();
    },
  );

  test("a month's end clamps", () => {
    expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
    expect(addMonths("2023-12-31", 2)).toBe("2024-02-29");
    expect(startOf("2024-05-15", "quarter", { month: 6, day: 1 })).toBe("2024-03-01");
  });
});
