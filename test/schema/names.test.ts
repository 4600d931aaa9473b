/** Refs: what is printed is read back, whatever the names hold. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findTable, parseRef, printName, printRef, resolveRef } from "../../src/schema/names.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const name = fc
  .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
  .filter((s) => s.trim() !== "" && !s.includes("\0"));

describe("print and parse", () => {
  test("parts come back as they were", () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (parts) => {
        expect(parseRef(parts.map(printName).join("."))).toEqual(parts);
      }),
    );
  });

  test.each([
    ["orders", "orders"],
    ["Order Details", '"Order Details"'],
    ['a"b', '"a""b"'],
    ["1st", '"1st"'],
    ["größe", "größe"],
  ])("%s prints as %s", (given, printed) => {
    expect(printName(given)).toBe(printed);
  });

  test.each(["", ".", "a.", ".a", '"a', "a..b"])("%j is malformed", (ref) => {
    expect(parseRef(ref)).toBeUndefined();
  });
});

describe("resolving", () => {
  const snapshot = snapshotOf([
    tableOf("orders", ["id", "Total"]),
    tableOf("orders", ["id"], { schema: "archive" }),
    tableOf("lone", ["id"], { schema: "archive" }),
    tableOf("Orders", ["id"], { schema: "other" }),
  ]);

  test("the default schema wins, exact case wins, a lone table needs no schema", () => {
    expect(resolveRef(snapshot, "orders")?.table.schema).toBe("main");
    expect(findTable(snapshot, "Orders", "other")?.name).toBe("Orders");
    expect(resolveRef(snapshot, "lone")?.table.schema).toBe("archive");
    expect(resolveRef(snapshot, "archive.orders.id")).toMatchObject({ table: { schema: "archive" }, column: "id" });
    expect(resolveRef(snapshot, "ORDERS.total")).toMatchObject({ column: "Total" });
    expect(resolveRef(snapshot, "orders.nope")).toBeUndefined();
  });

  test("every table and column of a snapshot is found by its own Ref", () => {
    for (const table of snapshot.tables) {
      for (const column of table.columns) {
        expect(resolveRef(snapshot, printRef(snapshot, table, column.name))).toMatchObject({
          table: { schema: table.schema, name: table.name },
          column: column.name,
        });
      }
    }
  });
});
