/** Names, printed types and origins of result columns, from the wire's row description. */

import type { ResultColumn } from "../connector.js";
import { oidArray } from "./catalog.js";
import { statement } from "./statements.js";
import { allRows, type WireField } from "./wire.js";

type Client = Parameters<typeof allRows>[0];

/** Printed names of built-in types never change; those of people's own types may, and are asked for each time. */
const builtIn = new Map<string, string>();
const firstUserOid = 16_384;

/** Names and printed types alone: mostly without a question to the server. */
export async function typedColumns(client: Client, fields: readonly WireField[]): Promise<ResultColumn[]> {
  const types = await typeNames(
    client,
    fields.map((f) => [f.dataTypeID, f.dataTypeModifier] as const),
  );
  return fields.map((field, at) => ({ name: field.name, type: types[at] ?? "???" }));
}

export async function resultColumns(client: Client, fields: readonly WireField[]): Promise<ResultColumn[]> {
  const columns = await typedColumns(client, fields);
  const origins = await originsOf(client, fields);
  return columns.map((column, at) => {
    const origin = origins.get(`${fields[at]?.tableID}:${fields[at]?.columnID}`);
    return origin === undefined ? column : { ...column, origin };
  });
}

/** Printed types for pairs of type oid and modifier, in order. */
export async function typeNames(client: Client, types: readonly (readonly [number, number])[]): Promise<string[]> {
  const missing = types.filter(([oid, modifier]) => !builtIn.has(`${oid}:${modifier}`));
  const asked = new Map<string, string>();
  if (missing.length > 0) {
    const params = [oidArray(missing.map(([oid]) => oid)), oidArray(missing.map(([, modifier]) => modifier))];
    const rows = await allRows(client, statement("type-names"), params);
    missing.forEach(([oid, modifier], at) => {
      const name = rows[at]?.[0] ?? "???";
      asked.set(`${oid}:${modifier}`, name);
      if (oid < firstUserOid) builtIn.set(`${oid}:${modifier}`, name);
    });
  }
  return types.map(([oid, modifier]) => builtIn.get(`${oid}:${modifier}`) ?? asked.get(`${oid}:${modifier}`) ?? "???");
}

async function originsOf(
  client: Client,
  fields: readonly WireField[],
): Promise<Map<string, NonNullable<ResultColumn["origin"]>>> {
  const origins = new Map<string, NonNullable<ResultColumn["origin"]>>();
  const from = [...new Set(fields.map((f) => f.tableID))].filter((oid) => oid !== 0);
  if (from.length === 0) return origins;
  for (const [oid, schema, name, attnum, column] of await allRows(client, statement("key-targets"), [oidArray(from)])) {
    origins.set(`${oid}:${attnum}`, { table: { schema: schema ?? "", name: name ?? "" }, column: column ?? "" });
  }
  return origins;
}
