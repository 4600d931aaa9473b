/**
 * Result values as JSON can carry them, by type oid: integers beyond 2^53 and exact numerics as strings, times ISO 8601, bytes base64,
 * NaN and Infinity as strings. What is not listed stays the text that PostgreSQL prints.
 * Oids: src/include/catalog/pg_type.dat, fixed in every version. DateStyle is ISO in our sessions.
 */

import { arrayItems } from "./grants.js";

type Convert = (text: string) => unknown;

const asIs: Convert = (text) => text;
const small: Convert = Number;
const big: Convert = (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
const float: Convert = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);
const truth: Convert = (text) => text === "t";
const bytes: Convert = (text) => Buffer.from(text.slice(2), "hex").toString("base64");
/** A document with a number that JavaScript would round stays text. */
const json: Convert = (text) => (/\d{16}/.test(text) ? text : (JSON.parse(text) as unknown));

/** `2024-05-01 10:00:00+02` to `2024-05-01T10:00:00+02:00`; `infinity` and years before Christ stay as they are. */
const moment: Convert = (text) => {
  const match = /^(\d{4,})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)?(:\d\d)?(:\d\d)?$/.exec(text);
  if (match === null) return text;
  const [, year, month, day, time, hours, minutes = ":00"] = match;
  const zone = hours === undefined ? "" : hours === "+00" && minutes === ":00" ? "Z" : `${hours}${minutes}`;
  return `${year}-${month}-${day}T${time}${zone}`;
};

const scalars: Readonly<Record<number, Convert>> = {
  16: truth,
  17: bytes,
  20: big,
  21: small,
  23: small,
  26: small,
  700: float,
  701: float,
  114: json,
  3802: json,
  1114: moment,
  1184: moment,
};

/** Arrays of those, and of text, numeric, date and uuid. */
const arrays: Readonly<Record<number, number>> = {
  1000: 16,
  1001: 17,
  1016: 20,
  1005: 21,
  1007: 23,
  1021: 700,
  1022: 701,
  1115: 1114,
  1185: 1184,
  1009: 25,
  1015: 1043,
  1231: 1700,
  1182: 1082,
  2951: 2950,
};

export function converterOf(typeOid: number): Convert {
  const scalar = scalars[typeOid];
  if (scalar !== undefined) return scalar;
  const element = arrays[typeOid];
  if (element === undefined) return asIs;
  return (text) => arrayOf(text, scalars[element] ?? asIs);
}

function arrayOf(text: string, convert: Convert): unknown {
  // Bounds other than 1 ("[0:2]={…}") and nested arrays keep PostgreSQL's text.
  if (!text.startsWith("{") || text.startsWith("{{")) return text;
  return arrayItems(text).map((item) => (item === null ? null : convert(item)));
}
