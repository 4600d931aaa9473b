/** Which terms are whole questions, and which name or describe one thing however many words they take. */

import { describe, expect, it } from "vitest";
import { isWholeQuestion } from "../../src/terms/asking.js";

describe("a term", () => {
  it.each([
    "which users have a home in the state of Nevada",
    "which state has the longest river",
    "how many rivers are there?",
    "what is the total population of all cities",
    "list all disease names",
    "Count the number of credit cards that the customer has.",
    "For each room, find its name and how often it was booked.",
    "in which year were the most cars sold in Germany",
    "the total revenue of all customers by region",
    "Our year begins in April. Show revenue by quarter",
    "I want to know the main business of the company",
  ])("asks: %s", (term) => {
    expect(isWholeQuestion(term, undefined)).toBe(true);
  });

  it.each([
    "revenue",
    "list price",
    "list price of the product",
    "order status of the customer",
    "who approved the order",
    "what is revenue",
    "is the period closed",
    "the home state of a user as it was given at first",
    "Name of the group to which the department belongs.",
    "Total due from the customer. Computed as the sum of all lines and freight.",
    "Employee who controls the document and answers for it.",
    "date on which it was approved for the first of several times",
  ])("describes: %s", (term) => {
    expect(isWholeQuestion(term, undefined)).toBe(false);
  });

  it("is the question itself, or stands in it", () => {
    expect(isWholeQuestion("orders of 2025", " orders of 2025")).toBe(true);
    expect(isWholeQuestion("how many rivers are there?", "In Texas, how many rivers are there?")).toBe(false);
  });
});
