/** The output of `schema_changes`, to the letter of the contract; shared by the tool and its text. */

import { z } from "zod";
import { kindOrder } from "../changes/kinds.js";
import { freshnessFields } from "./tool.js";

export const severityWord = z.enum(["breaking", "risky", "safe"]);

const change = z.object({
  id: z.string(),
  at: z.string().describe("When it was first seen; ISO 8601."),
  kind: z.enum(kindOrder as [string, ...string[]]),
  object: z.string().describe("The thing itself: table, table.column, table.constraint or index."),
  renamed_from: z.string().optional().describe("Its former name, proven."),
  suspected: z
    .object({ ref: z.string(), score: z.number() })
    .optional()
    .describe("A guess: the other half of what may have been a rename. Never acted upon."),
  before: z.union([z.string(), z.boolean()]).optional(),
  after: z.union([z.string(), z.boolean()]).optional(),
  severity: severityWord,
  gate: z.enum(["exec", "read", "result", "none"]).describe("The most lenient release gate that this change fails."),
  summary: z.string(),
  impact: z.array(
    z.object({
      what: z.enum(["query", "mapping", "glossary", "policy", "view", "relationship"]),
      ref: z.string(),
      effect: z.string(),
      mended: z.string().optional().describe("The same in present names, accepted by the database."),
    }),
  ),
  advice: z.array(z.object({ text: z.string(), sql: z.string().optional() })),
  author: z.string().optional(),
  statement: z.string().optional(),
});

export const changesOutput = z.object({
  ...freshnessFields,
  from_version: z.string(),
  to_version: z.string(),
  changes: z.array(change),
  returned: z.int(),
  matched: z.int(),
  next_cursor: z.string().optional(),
  watch: z.object({ mode: z.string(), interval_ms: z.number().optional() }),
});

export type ChangeAnswer = z.infer<typeof change>;
export type ChangesAnswer = z.infer<typeof changesOutput>;
