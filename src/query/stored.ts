/** What a column is known to hold: the values of its enum, or those that were seen stored. Pure. */

import { tableKey } from "../schema/names.js";
import type { Column, Table } from "../schema/snapshot.js";
import type { QueryContext } from "./answer.js";
import { isNumeric, typeClass } from "./tables.js";

/** Whether a column holds one of some values, spelt in any case; `undefined` where that is not known. */
export function holdsOne(
  column: Column,
  table: Table,
  values: readonly unknown[],
  context: Pick<QueryContext, "view">,
): boolean | undefined {
  const isNumber = isNumeric(typeClass(column.type, context.view.snapshot.dialect));
  if (isNumber && sayNoNumbers(values)) return false;
  const known = knownValues(column, table, context);
  if (known === undefined) return undefined;
  const stored = new Set(known.list.map((v) => fold(String(v))));
  if (values.some((v) => stored.has(fold(String(v))))) return true;
  return known.complete ? false : undefined;
}

/** Whether there are values, and all are texts that no number is written by. */
export const sayNoNumbers = (values: readonly unknown[]): boolean =>
  values.length > 0 && values.every((v) => typeof v === "string" && Number.isNaN(Number(v)));

/** All values that the column can hold or holds, where they are known. */
export function knownValues(
  column: Column,
  table: Table,
  context: Pick<QueryContext, "view">,
): { readonly list: readonly (string | number)[]; readonly complete: boolean; readonly closed?: true } | undefined {
  const { snapshot, statistics } = context.view;
  const { enumType } = column;
  const named = enumType && snapshot.enums.find((e) => e.schema === enumType.schema && e.name === enumType.name);
  if (named !== undefined) return { list: named.values, complete: true, closed: true };
  if (typeClass(column.type, snapshot.dialect) !== "text") return undefined;
  const seen = statistics.tables[tableKey(table)]?.columns[column.name];
  if (seen?.values === undefined) return undefined;
  return { list: seen.values.map((v) => v.value), complete: seen.valuesComplete === true };
}

/** What a column stores for yes, and what for no. */
export interface YesAndNo {
  readonly yes: boolean | number | string;
  readonly no: boolean | number | string;
}

/** How texts say yes and no. */
const yesAndNo: readonly (readonly [yes: string, no: string])[] = [
  ["y", "n"],
  ["yes", "no"],
  ["t", "f"],
  ["true", "false"],
];

/** What a column stores for yes and no, where that is all that it does. */
export function yesAndNoOf(column: Column, table: Table, { view }: Pick<QueryContext, "view">): YesAndNo | undefined {
  const type = typeClass(column.type, view.snapshot.dialect);
  if (type === "boolean") return { yes: true, no: false };
  const stored = view.statistics.tables[tableKey(table)]?.columns[column.name];
  const values = stored?.valuesComplete === true ? stored.values?.map(({ value }) => value) : undefined;
  if (isNumeric(type)) {
    const seen = values ?? [stored?.min, stored?.max];
    const isBit = seen.every((value) => value !== undefined && [0, 1].includes(Number(value)));
    return isBit ? { yes: 1, no: 0 } : undefined;
  }
  const said = new Set(values?.map((value) => String(value).toLowerCase()));
  const words = said.size === 0 ? undefined : yesAndNo.find((pair) => [...said].every((w) => pair.includes(w)));
  const asStored = (word: string) =>
    values?.find((value) => String(value).toLowerCase() === word) ?? word.toUpperCase();
  return words && { yes: asStored(words[0]), no: asStored(words[1]) };
}

/** Whether all that a column of numbers holds is 0 and 1: it may say yes or no (`Anonymous`), whatever it is called. */
export function isFlagLike(column: Column, table: Table, context: Pick<QueryContext, "view">): boolean {
  const isWhole = typeClass(column.type, context.view.snapshot.dialect) === "integer";
  return isWhole && yesAndNoOf(column, table, context) !== undefined;
}

/** Case, accents, ligature forms and outer blanks undone (Unicode NFKD). */
export function fold(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").trim().replaceAll(/\s+/g, " ").toLowerCase();
}

/** Whether two texts are one, blanks or not between its words (`past_due`), in the spelling of any country (`cancelled` and `canceled`, `colour` and `color`). */
export function isSpeltSo(a: string, b: string): boolean {
  const plain = (text: string) =>
    fold(text.replaceAll(/[_-]+/g, " "))
      .replaceAll(/(\p{L})\1/gu, "$1")
      .replaceAll(/our\b/g, "or")
      .replaceAll(/is(?=(?:e|ed|es|ing|ation)\b)/g, "iz");
  return plain(a) === plain(b);
}
