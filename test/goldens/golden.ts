/** Reads the goldens of the query builder: a folder each, with an intent, what is expected of it, and the rows a careful person would get. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Intent, intentSchema } from "../../src/query/intent.js";
import type { DialectName } from "../../src/schema/snapshot.js";

export const goldensFolder = new URL("../../fixtures/queries/", import.meta.url).pathname;

const status = z.enum(["ok", "needs_clarification", "refused"]);
const oneOrMore = z.union([status, z.array(status).min(1)]);

const expectation = z.strictObject({
  about: z.string(),
  /** What may come back; where `ok` is among others, its rows must still be right. */
  status: z.union([oneOrMore, z.strictObject({ sqlite: oneOrMore, postgres: oneOrMore })]),
  /** Names of the result columns, in the order of `same-rows.sql`. */
  columns: z.array(z.string()).optional(),
  /** The columns' names are the compiler's choice: compare by place. */
  by_position: z.boolean().default(false),
  /** Only so many leading columns are compared (a comparison may add a difference). */
  leading: z.int().optional(),
  /** The order of rows counts. */
  ordered: z.boolean().default(false),
  /** Numbers must agree to the last digit. */
  exact: z.boolean().default(false),
  /** `reconcile_sql` must be given, and run. */
  reconcile: z.boolean().default(false),
  /** The column in which the compiler's own word stands for the rest. */
  others: z.string().optional(),
  /** Words that the options of a question must hold, one each. */
  options: z.array(z.string()).optional(),
  /** Codes, one of which a refusal must carry. */
  issue: z.array(z.string()).optional(),
  /** Words that the candidates of an issue must hold. */
  candidates: z.string().optional(),
  /** Words that an assumption must hold. */
  assumes: z.string().optional(),
  /** Origins that some join must have. */
  joins: z.array(z.strictObject({ origin: z.enum(["declared", "inferred", "confirmed"]) })).optional(),
});

export interface Golden {
  readonly name: string;
  readonly folder: string;
  readonly intent: Intent;
  readonly expected: z.infer<typeof expectation>;
}

const contextFile = z.strictObject({
  /** The moment that phrases of time count from. */
  now: z.iso.datetime(),
  /** Keys that nobody declared, as inference would find them. */
  links: z.array(z.strictObject({ from: z.string(), to: z.string(), confidence: z.number() })),
  /** What phrases mean that are no Ref and no word of the glossary. */
  phrases: z.record(z.string(), z.array(z.strictObject({ ref: z.string(), confidence: z.number() }))),
});

export function readContext(): z.infer<typeof contextFile> {
  return contextFile.parse(json(join(goldensFolder, "context.json")));
}

export function readGoldens(): readonly Golden[] {
  return readdirSync(goldensFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(goldensFolder, name);
      return {
        name,
        folder,
        intent: intentSchema.parse(json(join(folder, "intent.json"))),
        expected: expectation.parse(json(join(folder, "expect.json"))),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The statuses that a golden allows in a dialect. */
export function allowed(golden: Golden, dialect: DialectName): readonly string[] {
  const given = golden.expected.status;
  const own = typeof given === "object" && !Array.isArray(given) ? given[dialect] : given;
  return typeof own === "string" ? [own] : own;
}

/** The handwritten query, or undefined where no rows have a fixed meaning. */
export function sameRowsSql(golden: Golden, dialect: DialectName): string | undefined {
  const path = [`same-rows.${dialect}.sql`, "same-rows.sql"]
    .map((file) => join(golden.folder, file))
    .find((file) => existsSync(file));
  return path === undefined ? undefined : readFileSync(path, "utf8");
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
