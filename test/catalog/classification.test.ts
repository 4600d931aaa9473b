/** What columns are to people, told by names, types and comments. */

import { describe, expect, test } from "vitest";
import { isClosed, sensitivityOf } from "../../src/access/classification.js";
import { defaultDiscovery } from "../../src/catalog/settings.js";
import type { Column } from "../../src/schema/snapshot.js";

const words = defaultDiscovery.profile.classifiedWords;
const column = (name: string, more: Partial<Column> = {}): Column => ({ name, type: "text", nullable: true, ...more });

describe("sensitivity", () => {
  test.each([
    ["password_hash", "secret"],
    ["apiKey", "secret"],
    ["refresh_tokens", "secret"],
    ["ssn", "identity"],
    ["passport_no", "identity"],
    ["card_number", "payment"],
    ["IBAN", "payment"],
    ["email", "contact"],
    ["WorkPhone", "contact"],
    ["date_of_birth", "personal"],
    ["last_name", "personal"],
    ["diagnosis", "health"],
    ["total", undefined],
    ["product_name", undefined],
    ["token_count", undefined],
  ])("%s is %s", (name, expected) => {
    expect(sensitivityOf(column(name), [])).toBe(expected);
  });

  test("a flag or a time about a thing is not the thing", () => {
    expect(sensitivityOf(column("email_verified", { type: "boolean" }), [])).toBeUndefined();
    expect(sensitivityOf(column("password_changed_at", { type: "timestamp" }), [])).toBeUndefined();
    expect(sensitivityOf(column("birth_date", { type: "date" }), [])).toBe("personal");
  });

  test("a comment may say it, and the operator's own words are secret", () => {
    expect(sensitivityOf(column("notes", { comment: "PII: free text" }), [])).toBe("personal");
    expect(sensitivityOf(column("badge_number"), ["badge"])).toBe("secret");
  });
});

describe("closed to profiles", () => {
  test.each([
    ["password", true],
    ["customer_ssn", true],
    ["creditCardNumber", true],
    ["email", false],
    ["name", false],
  ])("%s: %s", (name, closed) => {
    expect(isClosed(column(name), words)).toBe(closed);
  });

  test("what people marked in a comment stays unread", () => {
    expect(isClosed(column("notes", { comment: "confidential" }), words)).toBe(true);
    expect(isClosed(column("notes", { comment: "what the customer said" }), words)).toBe(false);
  });
});
