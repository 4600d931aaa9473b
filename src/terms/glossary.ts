/** The glossary a company keeps beside its database: metrics and terms in business words. The format of `glossary.yaml`. */

import { z } from "zod";

export const glossaryFilter = z.strictObject({
  term: z.string().min(1).describe("A Ref or a business phrase."),
  op: z.enum([
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not_in",
    "between",
    "like",
    "contains",
    "starts_with",
    "is_null",
    "is_not_null",
    "as_of",
  ]),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]).optional(),
});

export const glossaryMetric = z.strictObject({
  name: z.string().min(1),
  synonyms: z.array(z.string().min(1)).default([]),
  description: z.string().optional(),
  expression: z
    .string()
    .min(1)
    .describe(
      "Aggregates over columns of one table, `sum(order_lines.qty * order_lines.unit_price)`, or arithmetic over other metrics in braces, `{gross revenue} - {returns}`.",
    ),
  filters: z
    .array(glossaryFilter)
    .default([])
    .describe("All must hold for a row to count; the shape of build_query's filters."),
  time: z.string().optional().describe("Ref of the metric's own time column."),
  additivity: z.enum(["additive", "semi_additive", "non_additive"]).default("additive"),
  semi_additive: z
    .strictObject({
      over: z.string().describe("Ref of the time column that may not be summed over."),
      take: z.enum(["first", "last"]),
    })
    .optional(),
  unit: z.string().optional().describe("What a value counts: `USD`, `days`, `%`."),
  currency: z
    .string()
    .optional()
    .describe("Ref of the column that says a row's currency, where rows are in mixed currencies."),
});

export const glossaryTerm = z.strictObject({
  name: z.string().min(1),
  synonyms: z.array(z.string().min(1)).default([]),
  description: z.string().optional(),
  ref: z.string().min(1).describe("The table or column that the term means."),
  value: z.union([z.string(), z.number()]).optional().describe("The stored literal, where the term means a value."),
});

export const glossaryFile = z.strictObject({
  version: z.literal(1),
  metrics: z.array(glossaryMetric).default([]),
  terms: z.array(glossaryTerm).default([]),
});

export type GlossaryMetric = z.infer<typeof glossaryMetric>;

/** All glossary files of a source in one. */
export type Glossary = Pick<z.infer<typeof glossaryFile>, "metrics" | "terms">;

export const emptyGlossary: Glossary = { metrics: [], terms: [] };
