/**
 * Numbers and dates as phrases: "20" in "singers older than 20" means the column that it bounds, "2014" in "held in 2014" the year that is stored so, and
 * "3" in "at least 3 songs" nothing that the schema has.
 */

import type { SchemaView } from "../src/schema/view.js";
import { lines, type PhraseCase } from "./term-data.js";

interface NumberLine {
  readonly db_id: string;
  readonly question: string;
  readonly measures: readonly { readonly id: string; readonly agg: string; readonly gold: string }[];
  readonly filters: readonly { readonly gold: string; readonly op: string; readonly value?: unknown }[];
  readonly having: readonly { readonly ref: string; readonly op: string; readonly value?: unknown }[];
  readonly limit?: number | null;
}

const numeric = /^(?:-?\d+(?:\.\d+)?|\d{1,4}[-/]\d{1,2}[-/]\d{1,4})$/u;

/** Of each number of a question's conditions that stands in it in digits: what it means. */
export function numberPhrases(views: ReadonlyMap<string, SchemaView>): PhraseCase[] {
  return lines<NumberLine>("spider/intents_train.jsonl").flatMap((line) => {
    const conditions = [
      ...line.filters,
      ...line.having.map((h) => ({ ...h, gold: boundBy(line, h.ref) })),
      ...(line.limit === null || line.limit === undefined ? [] : [{ gold: "", op: "limit", value: line.limit }]),
    ];
    return conditions.flatMap(({ gold, op, value }) =>
      (Array.isArray(value) ? value : [value]).flatMap((one: unknown): PhraseCase[] => {
        const text = String(one);
        if (!numeric.test(text) || !stands(line.question, text)) return [];
        const shared = { set: "number", db: line.db_id, question: line.question, phrase: text } as const;
        const equal = op === "=" || op === "!=";
        const stored = equal ? storedAs(views.get(line.db_id), gold, text) : undefined;
        return [
          stored === undefined
            ? { ...shared, kind: "column", gold: gold.toLowerCase() }
            : { ...shared, kind: "value", gold: gold.toLowerCase(), value: stored },
        ];
      }),
    );
  });
}

/** The column that a measure is made of; empty where rows are counted. */
function boundBy({ measures }: NumberLine, ref: string): string {
  const measure = measures.find((m) => m.id === ref);
  return measure === undefined || measure.agg === "count" || measure.gold.endsWith("*") ? "" : measure.gold;
}

const stands = (question: string, text: string): boolean =>
  new RegExp(String.raw`(?<![\w.,/-])${text.replaceAll(/[.]/gu, String.raw`\.`)}(?![\w/-]|[.,]\d)`, "u").test(question);

/** How a column stores a number, where its profile has it. */
function storedAs(view: SchemaView | undefined, gold: string, text: string): string | undefined {
  const [tableName, columnName] = gold.toLowerCase().split(".");
  for (const [key, { columns }] of Object.entries(view?.statistics.tables ?? {})) {
    if (key.split(".").at(-1)?.toLowerCase() !== tableName) continue;
    const [, own] = Object.entries(columns).find(([name]) => name.toLowerCase() === columnName) ?? [];
    const found = own?.values?.find(({ value }) => String(value) === text);
    if (found !== undefined) return String(found.value);
  }
  return undefined;
}
