/**
 * Tells whether anything in the catalogs changed. The gate (no transaction id assigned and no WAL written since) is exact and costs
 * microseconds; behind it the truth is a hash over the xmin of every catalog row that describes user objects: an insert or update brings
 * a new xmin, a removal takes one away, however late a long transaction commits. Noise (VACUUM FULL, REINDEX) may change it; silence never
 * lies. The truth is kept by buckets of tables: hashes by table are asked for only of the buckets that changed. Where triggers have told
 * which tables changed, only their hashes are asked for; the gate stays as it was, so the next look behind it sees whether that was all.
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

/** By oid: the table's key and hash. */
type Tables = ReadonlyMap<string, { readonly key: string; readonly hash: string }>;

/** Where two agree, nothing was committed in between. */
interface Gate {
  /** Position in the write-ahead log. */
  readonly position: string;
  /** Transactions that are seen to be done. */
  readonly done: string;
}

interface Seen {
  readonly gate: Gate;
  readonly truth: Truth;
  readonly tables: Tables;
  readonly stamp: ChangeStamp;
}

export class Stamps {
  private last: Seen | undefined;
  constructor(private readonly sessions: Sessions) {}

  /** `told`: oids of the relations that alone changed since the last stamp. */
  async read(told?: readonly string[]): Promise<ChangeStamp> {
    const { limits } = this.sessions;
    const options = {
      repeatable: true as const, // the whole and its tables must be of one moment
      statementTimeoutMs: limits.inspectTimeoutMs,
      lockTimeoutMs: limits.lockTimeoutMs,
      deadlineMs: limits.inspectTimeoutMs,
      searchPath: ["pg_catalog"],
    };
    const { last } = this;
    if (told !== undefined && last !== undefined) {
      this.last = await this.sessions.transaction(options, (client) => readTold(client, last, told));
      return this.last.stamp;
    }
    const gate = gateOf(await this.sessions.once(options, statement("stamp-gate"), []));
    if (this.last !== undefined && isSame(this.last.gate, gate)) return this.last.stamp;
    return this.sessions.transaction(options, async (client) => {
      // The log's position from before, so that what is committed meanwhile shows at the next look; who is seen to be done from this very
      // transaction: a commit stands in the log for a while before anyone sees what it did.
      const { done } = await readGate(client);
      const truth = await readTruth(client);
      const tables = await readTables(client, truth, this.last);
      const stamp = { schema: truth.schema, access: truth.access, tables: hashesByKey(truth, tables) };
      this.last = { gate: { ...gate, done }, truth, tables, stamp };
      return stamp;
    });
  }

  /**
   * The stamp for a transaction whose snapshot is already taken. The last one still holds where nothing was committed since, and for a part
   * (`oids`) where its tables are as that stamp saw them; else only the truth is read, and not kept: the position in the log that is read
   * here would be newer than what this snapshot sees.
   */
  async within(client: Client, oids?: readonly string[]): Promise<ChangeStamp> {
    const { last } = this;
    if (last !== undefined) {
      if (isSame(last.gate, await readGate(client))) return last.stamp;
      if (oids !== undefined && (await areAsBefore(client, oids, last.stamp))) return last.stamp;
    }
    const { schema, access } = await readTruth(client);
    return { schema, access };
  }
}

async function areAsBefore(client: Client, oids: readonly string[], before: ChangeStamp): Promise<boolean> {
  const now = [...(await hashesOf(client, oidArray(oids))).values()];
  return now.length === oids.length && now.every(({ key, hash }) => before.tables?.[key] === hash);
}

/** The last look, with what `told` and their heirs are now: another stamp, where their hashes are others. */
async function readTold(client: Client, before: Seen, told: readonly string[]): Promise<Seen> {
  const oids = (await allRows(client, statement("stamp-heirs"), [oidArray(told)])).map((row) => row[0] ?? "");
  const fresh = await hashesOf(client, oidArray(oids));
  const toldOf = (tables: Tables) => oids.map((oid) => `${tables.get(oid)?.key}:${tables.get(oid)?.hash}`).join("/");
  const news = toldOf(fresh);
  if (news === toldOf(before.tables)) return before;
  const tables = replacing(before.tables, oids, fresh);
  const schema = createHash("sha256").update(`${before.stamp.schema}/${news}`).digest("hex");
  return { ...before, tables, stamp: { ...before.stamp, schema, tables: hashesByKey(before.truth, tables) } };
}

function hashesByKey(truth: Truth, tables: Tables): Readonly<Record<string, string>> {
  const hashes: Record<string, string> = { [besideTables]: truth.beside };
  for (const { key, hash } of tables.values()) hashes[key] = hash;
  return hashes;
}

function replacing(before: Tables, gone: Iterable<string>, fresh: Tables): Tables {
  const tables = new Map(before);
  for (const oid of gone) tables.delete(oid);
  for (const [oid, table] of fresh) tables.set(oid, table);
  return tables;
}

async function readGate(client: Client): Promise<Gate> {
  return gateOf(await allRows(client, statement("stamp-gate")));
}

function gateOf(rows: readonly RawRow[]): Gate {
  const [position, done] = rows[0] ?? [];
  return { position: position ?? "", done: done ?? "" };
}

function isSame(a: Gate, b: Gate): boolean {
  return a.position === b.position && a.done === b.done;
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
  const buckets = new Set(changed);
  const gone = [...before.tables.keys()].filter((oid) => buckets.has(String(Number(oid) & 255)));
  return replacing(before.tables, gone, fresh);
}

async function hashesOf(client: Client, oids: string | null): Promise<Tables> {
  const tables = new Map<string, { readonly key: string; readonly hash: string }>();
  await eachRow(client, statement("stamp-tables"), [oids], ([oid, schema, name, hash]) => {
    tables.set(oid ?? "", { key: tableKey({ schema: schema ?? "", name: name ?? "" }), hash: hash ?? "" });
  });
  return tables;
}
