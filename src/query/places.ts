/** Places of an intent (`dimensions[0]`, `measures[1].filters[0]`, `time`, `tables[0]`): what stands there, and the intent with another in its stead. Pure. */

import type { Filter, Intent } from "./intent.js";

/** The filter at `filters[0]` or `measures[1].filters[0]`. */
export function filterAt(intent: Intent, place: string): Filter | undefined {
  const [, measure, filter] = /^(?:measures\[(\d+)\]\.)?filters\[(\d+)\]$/.exec(place) ?? [];
  const list = measure === undefined ? intent.filters : intent.measures?.[Number(measure)]?.filters;
  return filter === undefined ? undefined : list?.[Number(filter)];
}

/** The measure at `measures[0]`. */
export function measureAt(intent: Intent, place: string): NonNullable<Intent["measures"]>[number] | undefined {
  return intent.measures?.find((_, i) => place === `measures[${i}]`);
}

/** All terms of an intent, `*` left out. */
export function termsOf({ measures = [], dimensions = [], columns = [], filters = [] }: Intent): readonly string[] {
  const all = [...measures, ...measures.flatMap((m) => m.filters ?? []), ...dimensions, ...columns, ...filters];
  return all.map(({ term }) => term).filter((term) => term !== "*");
}

/** Whether a place asks for rows: a count. */
export function asksRows(intent: Intent, place: string): boolean {
  const measure = measureAt(intent, place);
  return (
    place === "table" ||
    place.startsWith("tables[") ||
    (measure !== undefined && (measure.agg === "count" || measure.agg === undefined))
  );
}

/** The intent with the term at `place` (`dimensions[0]`, `time`, `order_by[1]`, `tables[0]`) replaced. */
export function replaceTerm(intent: Intent, place: string, term: string): Intent {
  const pin = /^tables\[(\d+)\]$/.exec(place)?.[1];
  if (pin !== undefined) return { ...intent, tables: intent.tables?.map((t, i) => (i === Number(pin) ? term : t)) };
  return replaceAt(intent, place, place.startsWith("order_by") ? "by" : "term", term);
}

/** The intent without the filter at `place` (`filters[0]`, `measures[1].filters[0]`). */
export function withoutAt(intent: Intent, place: string): Intent {
  const at = /^(?:measures\[(\d+)\]\.)?filters\[(\d+)\]$/.exec(place);
  if (at === null) return intent;
  const copy = structuredClone(intent);
  const owner = at[1] === undefined ? copy : copy.measures?.[Number(at[1])];
  owner?.filters?.splice(Number(at[2]), 1);
  return copy;
}

export function replaceAt(intent: Intent, place: string, field: string, value: unknown): Intent {
  const copy = structuredClone(intent) as Record<string, unknown>;
  let target: unknown = copy;
  for (const step of place.split(/[.[\]]+/).filter((s) => s !== "")) {
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, step)) return intent;
    target = (target as Record<string, unknown>)[step];
  }
  if (typeof target === "object" && target !== null) (target as Record<string, unknown>)[field] = value;
  return copy;
}

/** A term with the role that its text names: `address.city via orders.billing_address_id`. */
export function splitVia(term: string): { readonly term: string; readonly via?: string } {
  const at = term.toLowerCase().lastIndexOf(" via ");
  return at < 0 ? { term } : { term: term.slice(0, at).trim(), via: term.slice(at + 5).trim() };
}
