/** The type that a phrase's head asks for. */

import { describe, expect, it } from "vitest";
import { expectedType } from "../../src/terms/expected-type.js";
import { typeClassOf } from "../../src/terms/type-class.js";
import { tokensOf } from "../../src/terms/words.js";

describe("a phrase asks by its head", () => {
  it.each([
    ["date of birth", "time"],
    ["arrival date", "time"],
    ["number of rooms", "number"],
    ["amount paid to the vendor", undefined],
    ["price of the ticket", "number"],
    ["is active", "boolean"],
    ["is", undefined],
    ["phone number", undefined],
    ["name of the city", undefined],
    ["of", undefined],
  ])("%s: %s", (phrase, type) => {
    expect(expectedType(tokensOf(phrase))).toBe(type);
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
