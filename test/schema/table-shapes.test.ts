/** Junction tables and polymorphic pairs, and that no single target is guessed for a pair. */

import { describe, expect, test } from "vitest";
import { inferRelationships } from "../../src/schema/inference.js";
import { declaredRelationships } from "../../src/schema/relationships.js";
import type { Column, ForeignKey, Table } from "../../src/schema/snapshot.js";
import { noStatistics } from "../../src/schema/statistics.js";
import { isJunction, polymorphicPairs } from "../../src/schema/table-shapes.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const text = (name: string): Column => ({ name, type: "TEXT", nullable: true });
const key = (column: string, table: string): ForeignKey => ({
  columns: [column],
  references: { schema: "main", table, columns: ["id"] },
});
const posts = tableOf("posts", ["id", text("title")]);
const tags = tableOf("tags", ["id", text("label")]);
const users = tableOf("users", ["id", text("name")]);

function junction(table: Table): boolean {
  const links = declaredRelationships(snapshotOf([posts, tags, users, table]));
  return isJunction(table, links);
}

describe("junction tables", () => {
  const both = { foreignKeys: [key("post_id", "posts"), key("tag_id", "tags")] };

  test.each([
    [
      "a key of two links",
      tableOf("post_tags", ["post_id", "tag_id", "weight"], {
        ...both,
        primaryKey: { columns: ["post_id", "tag_id"] },
      }),
      true,
    ],
    [
      "its own number beside a unique pair",
      tableOf("post_tags", ["id", "post_id", "tag_id", "note"], {
        ...both,
        uniques: [{ columns: ["post_id", "tag_id"] }],
      }),
      true,
    ],
    ["nothing but two links", tableOf("post_tags", ["id", "post_id", "tag_id", "created_at"], both), true],
    ["facts of its own", tableOf("visits", ["id", "post_id", "tag_id", "seconds"], both), false],
    ["one link", tableOf("comments", ["id", "post_id", "body"], { foreignKeys: [key("post_id", "posts")] }), false],
  ])("%s", (_what, table, expected) => {
    expect(junction(table)).toBe(expected);
  });
});

describe("polymorphic pairs", () => {
  const comments = tableOf("comments", [
    "id",
    text("commentable_type"),
    "commentable_id",
    text("owner_type"),
    "owner_id",
    "user_id",
  ]);
  const isTable = (joined: string) => ["post", "tag", "user"].includes(joined);

  test("a type and an id that no one table answers to", () => {
    expect(polymorphicPairs(comments, isTable)).toEqual([
      { type: "commentable_type", id: "commentable_id" },
      { type: "owner_type", id: "owner_id" },
    ]);
  });

  test("a type beside the key of a real table, a declared key, or the table's own is none", () => {
    const typed = tableOf(
      "notes",
      ["note_id", text("note_type"), "user_id", text("user_type"), "file_id", text("file_type")],
      {
        foreignKeys: [key("file_id", "posts")],
      },
    );
    expect(polymorphicPairs(typed, isTable)).toEqual([]);
  });

  test("no target is guessed for a pair", () => {
    const links = inferRelationships(snapshotOf([posts, users, comments]), {
      statistics: noStatistics,
      inclusions: [],
    });
    expect(links.map((l) => l.from.columns[0])).not.toContain("owner_id");
    expect(links.map((l) => l.from.columns[0])).toContain("user_id");
  });
});
