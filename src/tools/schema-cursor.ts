/**
 * The cursor of a listing: where the next page starts, of which query, of which schema version. Opaque to callers, not secret: it grants
 * nothing that the query itself would not. A cursor of an older schema says so instead of skipping or repeating silently.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { error, fail, ok, type Result } from "../issue.js";

/** Where a page starts: the item, and the part of it where the item itself was cut. */
export interface Position {
  readonly item: number;
  readonly part: number;
}

const cursorShape = z.strictObject({
  v: z.literal(1),
  /** Schema version, shortened. */
  s: z.string(),
  /** Hash of the query. */
  q: z.string(),
  /** Hash of the matched items in order. */
  o: z.string(),
  i: z.int().nonnegative(),
  p: z.int().nonnegative(),
});

/** What a cursor belongs to. */
export interface Listing {
  readonly version: string;
  /** Every argument that decides what is listed, not how much of it a page holds. */
  readonly query: unknown;
  /** Names of the matched items in order. */
  readonly items: readonly string[];
}

export function writeCursor(listing: Listing, at: Position): string {
  const cursor: z.infer<typeof cursorShape> = { v: 1, ...marks(listing), i: at.item, p: at.part };
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** The position a cursor stands for; `bad_cursor` where it is malformed or of another query, `stale_cursor` where the schema moved on. */
export function readCursor(cursor: string | undefined, listing: Listing): Result<Position> {
  if (cursor === undefined) return ok({ item: 0, part: 0 });
  const parsed = cursorShape.safeParse(decode(cursor));
  if (!parsed.success) return bad("The cursor is malformed.");
  const expected = marks(listing);
  if (parsed.data.q !== expected.q) return bad("The cursor belongs to another query.");
  if (parsed.data.s !== expected.s || parsed.data.o !== expected.o) {
    return fail(
      error("stale_cursor", "The schema has changed since the cursor was made.", {
        help: "Call again without `cursor` to start over.",
      }),
    );
  }
  if (parsed.data.i > listing.items.length) return bad("The cursor points beyond the list.");
  return ok({ item: parsed.data.i, part: parsed.data.p });
}

function marks(listing: Listing): { s: string; q: string; o: string } {
  return { s: listing.version.slice(-16), q: shortHash(listing.query), o: shortHash(listing.items) };
}

function shortHash(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("base64url")
    .slice(0, 12);
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function bad(message: string): Result<Position> {
  return fail(error("bad_cursor", message, { help: "Pass `next_cursor` of the same query as it was given, or none." }));
}
