/** An intent: what an agent wants to know, in business terms. The input of build_query, to the letter of the tools' contract. */

import { z } from "zod";
import { glossaryFilter } from "../terms/glossary.js";

const scalar = z.union([z.string(), z.number(), z.boolean()]);
export const filterOps = glossaryFilter.shape.op;
export const timeGrain = z.enum(["hour", "day", "week", "month", "quarter", "year"]);
export const aggregation = z.enum(["sum", "avg", "min", "max", "count", "count_distinct", "median", "first", "last"]);

const term = z
  .string()
  .min(1)
  .max(500)
  .describe("A business phrase, or a Ref (`table`, `table.column`, `schema.table.column`).");
const alias = z.string().min(1).max(63).describe("Name of the result column.");

export const filterSchema = z.strictObject({
  term,
  op: filterOps.describe(
    "How the column compares with `value`; `as_of`: rows (of a table with valid from/to) that hold on a day; `is_null` and `is_not_null` of a table: no row of it is there, or some are.",
  ),
  value: z
    .union([scalar, z.array(scalar)])
    .optional()
    .describe("A scalar; an array for in, not_in and between; left out for is_null and is_not_null."),
});

export const intentSchema = z.strictObject({
  columns: z
    .array(z.strictObject({ term, as: alias.optional() }))
    .optional()
    .describe("Plain detail rows without grouping; not together with measures."),
  measures: z
    .array(
      z.strictObject({
        term: term.describe("What is measured: a phrase, a Ref, a glossary metric, or `*` with count."),
        agg: aggregation.optional().describe("Default: the metric's own, else sum for amounts."),
        as: alias.optional(),
        table: z.string().optional().describe("With term `*`: the table whose rows are counted."),
        filters: z.array(filterSchema).optional().describe("Only for this measure."),
      }),
    )
    .optional(),
  dimensions: z
    .array(
      z.strictObject({
        term,
        grain: timeGrain
          .optional()
          .describe(
            "For a time column: what it is cut to. A term `month` that no column is called by is the time's own.",
          ),
        as: alias.optional(),
        include_empty: z.boolean().optional().describe("Also list members that no fact has."),
        roll_up: z
          .boolean()
          .optional()
          .describe("For a tree (a table with a key to itself): each member stands for itself and all below it."),
      }),
    )
    .optional(),
  filters: z.array(filterSchema).optional().describe("All must hold."),
  having: z
    .array(
      z.strictObject({
        measure: z.string().min(1).describe("A measure's `as` or `term`."),
        op: z.enum(["=", "!=", "<", "<=", ">", ">=", "between"]),
        value: z.union([z.number(), z.string(), z.array(z.number())]),
      }),
    )
    .optional(),
  time: z
    .strictObject({
      term: term.optional(),
      range: z
        .union([z.strictObject({ from: z.string().optional(), to: z.string().optional() }), z.string()])
        .optional()
        .describe("`to` is exclusive; or a phrase: `last quarter`, `2024`, `March 2024`, `last 90 days`."),
      grain: timeGrain.optional(),
      as: alias.optional().describe("What the periods' column is called; the grain's name where left out."),
      compare: z.enum(["previous_period", "previous_year"]).optional(),
      cumulative: z.enum(["all", "ytd", "qtd", "mtd"]).optional(),
      rolling: z
        .int()
        .min(2)
        .max(1_000)
        .optional()
        .describe(
          "Each period together with those before it, so many in all: 3 with grain month is trailing 3 months.",
        ),
      fill: z.boolean().optional().describe("Also list periods without facts."),
      time_zone: z.string().optional().describe("IANA name."),
      fiscal_year_start: z.string().optional().describe("`MM-DD` or a month's number."),
    })
    .optional(),
  order_by: z
    .array(z.strictObject({ by: z.string().min(1), direction: z.enum(["asc", "desc"]).optional() }))
    .optional(),
  limit: z.int().min(1).max(1_000_000).optional(),
  distinct: z.boolean().optional(),
  top: z
    .strictObject({
      n: z.int().min(1).max(100_000),
      by: z.string().min(1),
      per: z.array(z.string().min(1)).optional(),
      others: z.boolean().optional(),
    })
    .optional(),
  share_of_total: z.array(z.string().min(1)).optional().describe("Measures whose share of the total is added."),
  tables: z
    .array(z.string().min(1))
    .optional()
    .describe("Pins: tables to use. One on the way settles the way; one beyond it keeps rows that have a match there."),
  joins: z
    .array(z.strictObject({ from: z.string().min(1), to: z.string().min(1) }))
    .optional()
    .describe("Pins: links to use, as column Refs."),
});

export type Intent = z.infer<typeof intentSchema>;
export type Filter = z.infer<typeof filterSchema>;
export type TimeGrain = z.infer<typeof timeGrain>;
export type Aggregation = z.infer<typeof aggregation>;
