/**
 * One page of a listing within a token bound that holds for the text and for the structured answer alike. Whole items while they fit;
 * an item too big for a page of its own is cut into parts; the rest is reachable from where the page ends. Pure.
 */

import type { Position } from "./schema-cursor.js";

export interface Paged<T> {
  /** How many parts an item can be cut into. */
  partsOf(item: T): number;
  /** The parts `from` to `to` of an item. */
  cut(item: T, from: number, to: number): T;
  text(item: T): string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page starts; absent at the end. */
  readonly next?: Position;
}

/** Bytes left for items in each of the two forms, and how many items a page may hold. */
export interface Room {
  readonly textBytes: number;
  readonly jsonBytes: number;
  readonly maxItems: number;
}

/**
 * The items from `at` on that fit. Takes items lazily: `itemAt` is asked only for what a page may hold. Empty with `next` at `at` when not
 * even one part of an item fits.
 */
export function fillPage<T>(
  count: number,
  itemAt: (index: number) => T,
  at: Position,
  room: Room,
  paged: Paged<T>,
): Page<T> {
  const items: T[] = [];
  let { textBytes, jsonBytes } = room;
  let { item, part } = at;
  while (item < count && items.length < room.maxItems) {
    const whole = itemAt(item);
    const parts = paged.partsOf(whole);
    const rest = part === 0 ? whole : paged.cut(whole, part, parts);
    const size = sizeOf(rest, paged);
    if (size.text > textBytes || size.json > jsonBytes) {
      // Part of an item stands alone on its page: a table is cut only when a page of its own is too small for it.
      if (items.length > 0) break;
      const to = lastFitting(whole, part, parts, { textBytes, jsonBytes }, paged);
      if (to > part) items.push(paged.cut(whole, part, to));
      return { items, next: { item, part: to } };
    }
    items.push(rest);
    textBytes -= size.text;
    jsonBytes -= size.json;
    item += 1;
    part = 0;
  }
  return item < count ? { items, next: { item, part } } : { items };
}

/** The end of the longest run of parts from `from` that fits; `from` where none does. */
function lastFitting<T>(
  item: T,
  from: number,
  parts: number,
  room: Pick<Room, "textBytes" | "jsonBytes">,
  paged: Paged<T>,
): number {
  let [low, high] = [from, parts];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const size = sizeOf(paged.cut(item, from, middle), paged);
    if (size.text <= room.textBytes && size.json <= room.jsonBytes) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Bytes of an item in both forms, its separator included. */
function sizeOf<T>(item: T, paged: Paged<T>): { readonly text: number; readonly json: number } {
  return {
    text: Buffer.byteLength(paged.text(item), "utf8") + 1,
    json: Buffer.byteLength(JSON.stringify(item), "utf8") + 1,
  };
}
