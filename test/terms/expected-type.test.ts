/** The type that a phrase's head asks for. */

import { describe, expect, it } from "vitest";
import { expectedType } from "../../src/terms/expected-type.js";
import { typeClassOf } from "../../src/terms/type-class.js";
import { tokensOf } from "../../src/terms/words.js";

describe("a phrase asks by its head", () => {
  it.each([
    ["date of birth", { type: "time", bare: 0 }],
    ["the arrival date", { type: "time", bare: 2 }],
    ["number of rooms", { type: "number", bare: 0 }],
    ["bonus amount", { type: "number", bare: 1 }],
    ["price of the ticket", { type: "number", bare: -1 }],
    ["date", { type: "time", bare: -1 }],
    ["is active", { type: "boolean", bare: -1 }],
    ["amount paid to the vendor", undefined],
    ["is", undefined],
    ["phone number", undefined],
    ["name of the city", undefined],
    ["of", undefined],
  ])("%s: %j", (phrase, expected) => {
    expect(expectedType(tokensOf(phrase))).toEqual(expected);
  });
});

describe("a text column holds moments", () => {
  it.each([
    ["paid_on", "time"],
    ["created_at", "time"],
    ["order_date", "time"],
    ["based_on", "text"],
    ["look_at", "text"],
  ])("%s: %s", (name, type) => {
    expect(typeClassOf({ name, type: "TEXT" })).toBe(type);
  });
});
