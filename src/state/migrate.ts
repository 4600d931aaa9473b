/**
 * The one list of migrations for both dialects. Two words are replaced in the files and nothing else: `{identity}` (SQLite: `integer primary
 * key autoincrement`; PostgreSQL: `bigint generated always as identity primary key`) and `{prefix}` (SQLite: `sextant_`; PostgreSQL: the schema
 * `sextant.`). Migrations only add; a file once released never changes.
 */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SextantError } from "../issue.js";

export interface Migration {
  /** 1-based and rising. */
  readonly version: number;
  readonly sql: string;
}

export const dialectWords = {
  sqlite: { identity: "integer primary key autoincrement", prefix: "sextant_" },
  postgres: { identity: "bigint generated always as identity primary key", prefix: "sextant." },
} as const;

const folder = fileURLToPath(new URL("./migrations/", import.meta.url));

/** Every migration in order, in the words of `dialect`. */
export function migrations(dialect: keyof typeof dialectWords): readonly Migration[] {
  const words = dialectWords[dialect];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({
      version: Number.parseInt(name, 10),
      sql: readFileSync(`${folder}${name}`, "utf8")
        .replaceAll("{identity}", words.identity)
        .replaceAll("{prefix}", words.prefix),
    }));
}

/** Those that a database at version `current` still lacks; refuses a database that a newer release has written. */
export function missing(all: readonly Migration[], current: number): readonly Migration[] {
  const newest = all.at(-1)?.version ?? 0;
  if (current > newest) {
    throw new SextantError(
      "state_unavailable",
      `The state was written by a newer release (${current}; this one knows ${newest}).`,
      {
        help: "Start that release, or name another place with --state.",
      },
    );
  }
  return all.filter((migration) => migration.version > current);
}
