/** Names a change's object as a Ref and says the change in one sentence. Pure. What it prints holds names from the database: data. */

import { printName, printRef } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { Place } from "./change.js";
import type { Draft } from "./draft.js";
import { changeKinds } from "./kinds.js";

/** The Ref of a place: `table`, `table.column`, `table.constraint`; a function with its argument types. */
export function refOf(snapshot: Pick<SchemaSnapshot, "defaultSchema">, place: Place): string {
  if (place.part === "schema" || place.part === "snapshot") return printName(place.name ?? place.schema);
  if (place.part === "extension") return printName(place.name ?? "");
  if (place.part === "function") return functionRef(snapshot, place);
  if (place.table !== undefined) return printRef(snapshot, { schema: place.schema, name: place.table }, place.name);
  return printRef(snapshot, { schema: place.schema, name: place.name ?? "" });
}

function functionRef(snapshot: Pick<SchemaSnapshot, "defaultSchema">, place: Place): string {
  const name = place.name ?? "";
  const open = name.indexOf("(");
  const [bare, call] = open < 0 ? [name, ""] : [name.slice(0, open), name.slice(open)];
  return `${printRef(snapshot, { schema: place.schema, name: bare })}${call}`;
}

type Named = Draft & { readonly object: string; readonly renamedFrom?: string };

export function summaryOf(change: Named): string {
  const { object } = change;
  if (change.kind.endsWith("_renamed") && change.renamedFrom !== undefined) {
    return `${change.renamedFrom} is now called ${object}.`;
  }
  if (change.recreated === true) {
    const what = change.before === undefined ? "created" : "dropped to be created";
    return `${object} was ${what} again under the same name: rows and grants of the old one are gone.`;
  }
  const values = valuesOf(change);
  return `${changeKinds[change.kind].meaning.replace(/[.:;,].*$/u, "")}: ${object}${values}.`;
}

function valuesOf(change: Named): string {
  if (change.kind === "table_added" || change.kind === "view_added") {
    return ` (${(change.after as Table).columns.length} columns)`;
  }
  if (change.place.fields === undefined || change.kind === "comment_changed" || change.kind === "column_order_changed")
    return "";
  const [old, now] = [printed(change.before), printed(change.after)];
  if (old === undefined && now === undefined) return "";
  if (change.kind === "view_changed" || change.kind === "grant_changed") return "";
  return `, ${old ?? "none"} → ${now ?? "none"}`;
}

/** A short print of a property's value: the first field, texts as they are. */
function printed(value: unknown): string | undefined {
  const first = typeof value === "object" && value !== null ? Object.values(value)[0] : value;
  if (first === undefined) return undefined;
  const text = typeof first === "string" ? first : JSON.stringify(first);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
