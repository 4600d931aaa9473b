/** The before and after of a change as a reader wants them: one short value, or the piece as it would be written in SQL. Pure. */

import { printName } from "../schema/names.js";
import type {
  Column,
  EnumType,
  ForeignKey,
  Index,
  KeyConstraint,
  Policy,
  Routine,
  Sequence,
  Table,
} from "../schema/snapshot.js";
import type { Place, SchemaChange } from "./change.js";
import { indexBody } from "./index-text.js";

/** A value of a change: text, or a plain boolean where the property is one (nullable). */
export type Shown = string | boolean;

export function shownBefore(change: SchemaChange): Shown | undefined {
  return change.kind.endsWith("_renamed") && change.renamedFrom !== undefined
    ? change.renamedFrom
    : shown(change.place, change.before);
}

export function shownAfter(change: SchemaChange): Shown | undefined {
  return change.kind.endsWith("_renamed") && change.renamedFrom !== undefined
    ? change.object
    : shown(change.place, change.after);
}

function shown(place: Place, value: unknown): Shown | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((v) => printName(String(v))).join(", ");
  if (place.fields !== undefined) return property(value as Record<string, unknown>);
  return pieces[place.part]?.(value) ?? compact(value);
}

/** One property as its value; several as `name: value`. */
function property(value: Record<string, unknown>): Shown | undefined {
  if (typeof value.type === "string") return value.type;
  const entries = Object.entries(value);
  const [first] = entries;
  if (first === undefined) return undefined;
  if (entries.length === 1) return typeof first[1] === "boolean" ? first[1] : plain(first[1]);
  return entries.map(([name, v]) => `${name}: ${plain(v)}`).join("; ");
}

function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(plain).join(", ");
  const named = value as { schema?: string; name?: string; expression?: string };
  if (typeof named?.schema === "string" && typeof named.name === "string")
    return `${printName(named.schema)}.${printName(named.name)}`;
  return typeof named?.expression === "string" ? named.expression : compact(value);
}

function compact(value: unknown): string {
  return JSON.stringify(value);
}

const pieces: Partial<Record<Place["part"], (value: unknown) => string>> = {
  table: (v) => {
    const table = v as Table;
    return (
      table.definition ??
      `${table.kind.replaceAll("_", " ")} (${table.columns.map((c) => `${printName(c.name)} ${c.type}`).join(", ")})`
    );
  },
  column: (v) => columnText(v as Column),
  primary_key: (v) => `PRIMARY KEY (${list((v as KeyConstraint).columns)})`,
  unique: (v) => `UNIQUE (${list((v as KeyConstraint).columns)})`,
  foreign_key: (v) => foreignKeyText(v as ForeignKey),
  foreign_key_copy: (v) => foreignKeyText(v as ForeignKey),
  check: (v) => (v as { expression: string }).expression,
  exclusion: (v) => (v as { expression: string }).expression,
  index: (v) => indexText(v as Index),
  policy: (v) => policyText(v as Policy),
  enum: (v) => (v as EnumType).values.map((x) => `'${x}'`).join(", "),
  function: (v) => functionText(v as Routine),
  sequence: (v) => sequenceText(v as Sequence),
};

function columnText(column: Column): string {
  const generated = column.generated && ` generated always as (${column.generated.expression})`;
  const preset = column.default === undefined ? "" : ` default ${column.default}`;
  return `${column.type}${column.nullable ? "" : " not null"}${generated ?? preset}`;
}

function foreignKeyText(key: ForeignKey): string {
  const target = `${printName(key.references.schema)}.${printName(key.references.table)} (${list(key.references.columns)})`;
  const act = (when: string, action: string | undefined) =>
    action === undefined ? "" : ` ON ${when} ${action.replaceAll("_", " ").toUpperCase()}`;
  const valid = key.notValidated ? " NOT VALID" : "";
  return `FOREIGN KEY (${list(key.columns)}) REFERENCES ${target}${act("UPDATE", key.onUpdate)}${act("DELETE", key.onDelete)}${valid}`;
}

function indexText(index: Index): string {
  return `${index.unique ? "UNIQUE " : ""}INDEX ${indexBody(index)}`;
}

function policyText(policy: Policy): string {
  const using = policy.using === undefined ? "" : ` USING (${policy.using})`;
  const check = policy.check === undefined ? "" : ` WITH CHECK (${policy.check})`;
  return `${policy.permissive ? "permissive" : "restrictive"} ${policy.command} to ${policy.roles.join(", ")}${using}${check}`;
}

function functionText(routine: Routine): string {
  const { returns, volatility, language, securityDefiner, bodyHash } = routine;
  return `returns ${returns}, ${volatility}, ${language}${securityDefiner ? ", security definer" : ""}, body ${bodyHash.slice(0, 12)}`;
}

function sequenceText(s: Sequence): string {
  return `${s.type} from ${s.start} by ${s.increment} in ${s.min} to ${s.max}${s.cycle ? ", cycling" : ""}`;
}

function list(columns: readonly string[]): string {
  return columns.map(printName).join(", ");
}
