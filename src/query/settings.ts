/** The settings of the query builder: default, range, unit and meaning together. `config/` takes this schema in as its `query` part. */

import { z } from "zod";

export const querySettings = z.strictObject({
  min_link_confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.8)
    .describe("An inferred link is used only at this confidence or above, 0 to 1."),
  min_term_confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("A term whose best match is less certain than this is asked back, 0 to 1."),
  ambiguity_margin: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe("Two readings of the terms closer than this in probability are asked back, 0 to 1."),
  max_joins: z.int().min(1).max(30).default(12).describe("Links in the longest join tree that is looked for."),
  max_options: z.int().min(2).max(50).default(8).describe("Options that a question back lists; the rest is counted."),
  explain: z.boolean().default(true).describe("Whether build_query asks the database's planner for an estimate."),
  explain_timeout_ms: z.int().min(10).max(60_000).default(2_000).describe("How long that may take, ms."),
  time_zone: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_+\-/]*$/)
    .default("UTC")
    .describe("IANA name of the zone in which moments are cut to days and longer."),
  fiscal_year_start: z
    .string()
    .regex(/^(0?[1-9]|1[0-2])(-(0?[1-9]|[12]\d|3[01]))?$/)
    .default("01-01")
    .describe("First day of the fiscal year, `MM-DD` or a month's number."),
  soft_delete_columns: z
    .array(z.string().min(1))
    .default(["deleted_at", "is_deleted", "deleted", "voided_at", "is_voided", "void_dt", "del_flg", "deleted_flag"])
    .describe("Columns that mark a row as deleted; rows so marked are left out, and the answer says so. Empty: never."),
  default_limit_rows: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe("Limit put on detail rows where the intent gives none; 0 puts none."),
});

export type QuerySettings = z.infer<typeof querySettings>;
