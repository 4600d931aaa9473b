/**
 * Tells whether anything in the catalogs changed. The gate (no transaction id assigned and no WAL written since) is exact and costs
 * microseconds; behind it the truth is a hash over the xmin of every catalog row that describes user objects: an insert or update brings
 * a new xmin, a removal takes one away, however late a long transaction commits. Noise (VACUUM FULL, REINDEX) may change it; silence never
 * lies. The truth is kept by buckets of tables: hashes by table are asked for only of the buckets that changed.
 */

import { createHash } from "node:crypto";
import { tableKey } from "../../schema/names.js";
import type { ChangeStamp } from "../connector.js";
import { oidArray } from "./catalog.js";
import type { Sessions } from "./sessions.js";
import { statement } from "./statements.js";
import { allRows, eachRow, type RawRow } from "./wire.js";

type Client = Parameters<typeof allRows>[0];

/** Key of what stands beside tables (types, functions, sequences, …) among the hashes by table; no table key looks like it. */
const besideTables = "*";
/** Above this many changed buckets of 256, all tables are hashed at once. */
const maxBuckets = 64;

interface Truth {
  /** Hash of all tables and indexes whose oid ends in the same byte, by that byte. */
  readonly buckets: ReadonlyMap<string, string>;
  readonly beside: string;
  readonly access: string;
  /** All of it but access. */
  readonly schema: string;
}

/** By bucket: hashes by table key. */
type Tables = ReadonlyMap<string, Readonly<Record<string, string>>>;

interface Seen {
  readonly gate: string;
  readonly truth: Truth;
  readonly tables: Tables;
  readonly stamp: ChangeStamp;
}

export class Stamps {
  private last: Seen | undefined;
  constructor(private readonly sessions: Sessions) {}

  async read(): Promise<ChangeStamp> {
    const { limits } = this.sessions;
    const options = {
      statementTimeoutMs: limits.inspectTimeoutMs,
      lockTimeoutMs: limits.lockTimeoutMs,
      deadlineMs: limits.inspectTimeoutMs,
      searchPath: ["pg_catalog"],
    };
    // The gate is read before the truth: what happens between them shows at the next look.
    const gate = gateOf(await this.sessions.once(options, statement("stamp-gate"), []));
    if (this.last?.gate === gate) return this.last.stamp;
    return this.sessions.transaction(options, async (client) => {
      const truth = await readTruth(client);
      const tables = await readTables(client, truth, this.last);
      const hashes = Object.assign({ [besideTables]: truth.beside }, ...tables.values()) as Record<string, string>;
      this.last = { gate, truth, tables, stamp: { schema: truth.schema, access: truth.access, tables: hashes } };
      return this.last.stamp;
    });
  }

  /**
   * The stamp for a transaction whose snapshot is already taken. The last one still holds where nothing was committed since, and for a part
   * (`oids`) where its tables are as that stamp saw them; else only the truth is read, and not kept: the gate read here would be newer than
   * what this snapshot sees.
   */
  async within(client: Client, oids?: readonly string[]): Promise<ChangeStamp> {
    const { last } = this;
    if (last !== undefined) {
      if (last.gate === (await readGate(client))) return last.stamp;
      if (oids !== undefined && (await areAsBefore(client, oids, last.stamp))) return last.stamp;
    }
    const { schema, access } = await readTruth(client);
    return { schema, access };
  }
}

async function areAsBefore(client: Client, oids: readonly string[], before: ChangeStamp): Promise<boolean> {
  const now = [...(await hashesOf(client, oidArray(oids))).values()].flatMap((bucket) => Object.entries(bucket));
  return now.length === oids.length && now.every(([key, hash]) => before.tables?.[key] === hash);
}

async function readGate(client: Client): Promise<string> {
  return gateOf(await allRows(client, statement("stamp-gate")));
}

function gateOf(rows: readonly RawRow[]): string {
  return rows[0]?.join("/") ?? "";
}

async function readTruth(client: Client): Promise<Truth> {
  const temporary = (await allRows(client, statement("temporary"))).map((row) => row[0] ?? "");
  const [tables, beside, access] = (await allRows(client, statement("stamp"), [oidArray(temporary)]))[0] ?? [];
  const buckets = new Map((tables ?? "").split(",").map((pair) => pair.split(":") as [string, string]));
  const schema = createHash("sha256").update(`${tables}/${beside}`).digest("hex");
  return { buckets, beside: beside ?? "", access: access ?? "", schema };
}

async function readTables(client: Client, truth: Truth, before: Seen | undefined): Promise<Tables> {
  if (before === undefined) return hashesOf(client, null);
  const all = new Set([...truth.buckets.keys(), ...before.truth.buckets.keys()]);
  const changed = [...all].filter((bucket) => truth.buckets.get(bucket) !== before.truth.buckets.get(bucket));
  if (changed.length === 0) return before.tables;
  if (changed.length > maxBuckets) return hashesOf(client, null);
  const oids = await allRows(client, statement("stamp-bucket"), [oidArray(changed.filter((bucket) => bucket !== ""))]);
  const fresh = await hashesOf(client, oidArray(oids.map((row) => row[0] ?? "")));
  const tables = new Map(before.tables);
  for (const bucket of changed) tables.delete(bucket);
  // Of an index's table in another bucket only that table was asked for.
  for (const [bucket, hashes] of fresh) tables.set(bucket, { ...tables.get(bucket), ...hashes });
  return tables;
}

async function hashesOf(client: Client, oids: string | null): Promise<Tables> {
  const tables = new Map<string, Record<string, string>>();
  await eachRow(client, statement("stamp-tables"), [oids], ([bucket, schema, name, hash]) => {
    const key = bucket ?? "";
    let ofBucket = tables.get(key);
    if (ofBucket === undefined) tables.set(key, (ofBucket = {}));
    ofBucket[tableKey({ schema: schema ?? "", name: name ?? "" })] = hash ?? "";
  });
  return tables;
}
