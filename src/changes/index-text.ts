/** An index as `CREATE INDEX` writes it after the table's name: method, key parts with their order and operator class, INCLUDE, WHERE. Pure. */

import { printName } from "../schema/names.js";
import type { Index } from "../schema/snapshot.js";

export function indexBody(index: Index): string {
  const using = index.method === undefined || index.method === "btree" ? "" : `USING ${index.method} `;
  const include = index.include === undefined ? "" : ` INCLUDE (${index.include.map(printName).join(", ")})`;
  const where = index.partial === undefined ? "" : ` WHERE ${index.partial}`;
  return `${using}(${index.columns.map((part) => keyPart(index, part)).join(", ")})${include}${where}`;
}

function keyPart(index: Index, part: string): string {
  const isName = index.expression === undefined || /^\w+$/u.test(part);
  const ofClass = index.operatorClasses?.find((entry) => entry.startsWith(`${part} `))?.slice(part.length);
  const descends = index.descending?.includes(part) === true;
  const moved = index.nullsMoved?.includes(part) === true;
  const nulls = moved ? ` NULLS ${descends ? "LAST" : "FIRST"}` : "";
  return `${isName ? printName(part) : `(${part})`}${ofClass ?? ""}${descends ? " DESC" : ""}${nulls}`;
}
