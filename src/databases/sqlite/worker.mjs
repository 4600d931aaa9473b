// @ts-check
/**
 * The child process in which people's SQL meets a SQLite file: one read-only handle, one request at a time. It is killed at the deadline,
 * because nothing inside it can stop a native query. Plain JavaScript, so that it runs as it is from src/ and from dist/.
 * A statement is run only if SQLite itself calls it a reader and read-only and it begins with SELECT, WITH or VALUES:
 * ATTACH calls itself read-only too, and PRAGMA and EXPLAIN return rows.
 */

import Database from "better-sqlite3";

/** @type {import("better-sqlite3").Database | undefined} */
let db;

process.on("message", (/** @type {any} */ request) => {
  try {
    const answer = operations[/** @type {keyof typeof operations} */ (request.op)](request);
    process.send?.({ id: request.id, answer });
  } catch (cause) {
    const { code, message, gate } = /** @type {any} */ (cause);
    process.send?.({ id: request.id, failure: { code, message, gate } });
  }
});
process.on("disconnect", () => process.exit(0));

const operations = { open, compile, run, plan, rows };

/** @param {{ path: string, attached: { schema: string, path: string }[], heapBytes: number }} request */
function open({ path, attached, heapBytes }) {
  db = new Database(path, { readonly: true, fileMustExist: true, timeout: 2_000 });
  // They are opened as the first is: read-only, and never made where they are missing.
  for (const other of attached) db.prepare(`ATTACH DATABASE ? AS ${quoted(other.schema)}`).run(other.path);
  db.pragma(`hard_heap_limit = ${heapBytes}`);
  db.pragma("query_only = 1");
  db.pragma("trusted_schema = 0"); // functions with side effects are not called from views and triggers
  db.pragma("cell_size_check = 1");
  db.prepare("SELECT count(*) FROM sqlite_schema").get();
  return { version: db.prepare("SELECT sqlite_version()").pluck().get() };
}

function handle() {
  if (db === undefined) throw new Error("not open");
  return db;
}

/** @param {{ sql: string }} request */
function compile({ sql }) {
  const started = process.hrtime.bigint();
  const statement = handle().prepare(sql);
  const elapsedMs = Number(process.hrtime.bigint() - started) / 1e6;
  const columns = statement.reader ? columnsOf(statement) : [];
  const opcodes = explained(`EXPLAIN ${sql}`);
  return { columns, elapsedMs, ...effects(opcodes, statement.reader && statement.readonly && isQuery(sql)) };
}

/** @param {{ sql: string, params: unknown[], maxRows: number, maxBytes: number }} request */
function run({ sql, params, maxRows, maxBytes }) {
  const statement = gated(sql);
  const columns = columnsOf(statement);
  statement.raw(true).safeIntegers(true);
  const rows = [];
  let bytes = 0;
  let truncated = false;
  for (const row of statement.iterate(...bound(sql, params))) {
    if (rows.length >= maxRows) {
      truncated = true;
      break;
    }
    const values = /** @type {unknown[]} */ (row).map(jsonReady);
    bytes += values.reduce((/** @type {number} */ sum, v) => sum + (typeof v === "string" ? v.length : 8), 0);
    if (bytes > maxBytes) {
      if (rows.length === 0) throw Object.assign(new Error("row too large"), { gate: "too_large" });
      truncated = true;
      break;
    }
    rows.push(values);
  }
  return { columns, rows, truncated };
}

/** Fixed statements of ours over people's tables (profiles, inclusion). @param {{ sql: string, params: unknown[] }} request */
function rows({ sql, params }) {
  return handle().prepare(sql).raw(true).all(...params.map(bindable));
}

/** Tables whose b-tree is walked from its first entry; the plan's own text names aliases, not tables. @param {{ sql: string }} request */
function plan({ sql }) {
  gated(sql);
  const opcodes = explained(`EXPLAIN ${sql}`);
  const walked = new Set(opcodes.filter((o) => o.opcode === "Rewind" || o.opcode === "Count").map((o) => o.p1));
  const roots = rootPages();
  const scanned = new Set(
    opcodes.filter((o) => o.opcode === "OpenRead" && walked.has(o.p1)).map((o) => roots.get(`${o.p3}:${o.p2}`)),
  );
  const statistics = schemas().flatMap(([, schema]) => statisticsOf(schema));
  return { scanned: [...scanned].filter((table) => table !== undefined), statistics };
}

/** @param {string} schema */
function statisticsOf(schema) {
  const from = quoted(schema);
  const known = handle().prepare(`SELECT 1 FROM ${from}.sqlite_schema WHERE name = 'sqlite_stat1'`).get();
  if (known === undefined) return [];
  const rows = handle().prepare(`SELECT tbl, stat FROM ${from}.sqlite_stat1`).raw(true).all();
  return /** @type {[string, string | null][]} */ (rows).map((row) => [schema, ...row]);
}

/** Places and names of the open databases, the temporary one left out. @returns {[number, string][]} */
function schemas() {
  const rows = /** @type {{ seq: number, name: string }[]} */ (handle().pragma("database_list"));
  return rows.filter(({ name }) => name !== "temp").map(({ seq, name }) => [seq, name]);
}

/** @param {string} name */
function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @param {string} sql */
function gated(sql) {
  const statement = handle().prepare(sql);
  if (statement.reader && statement.readonly && isQuery(sql) && !reachesPragmas(sql)) return statement;
  throw Object.assign(new Error("not a query"), { gate: "not_read_only" });
}

/** Skips blanks and comments as SQLite's tokenizer does. @param {string} sql */
function isQuery(sql) {
  return /^(?:[\s\uFEFF]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))*(?:SELECT|WITH|VALUES)\b/i.test(sql);
}

/** Pragma functions answer in FROM like tables; pragma_database_list tells the host's path. @param {string} sql */
function reachesPragmas(sql) {
  if (!/pragma_/i.test(sql)) return false;
  const names = sql.match(/pragma_\w+/gi) ?? [];
  const known = handle().prepare("SELECT 1 FROM pragma_module_list WHERE name = lower(?)");
  return names.some((name) => known.get(name) !== undefined) && explained(`EXPLAIN ${sql}`).some((o) => o.opcode === "VOpen");
}

/** @param {import("better-sqlite3").Statement} statement */
function columnsOf(statement) {
  return statement.columns().map(({ name, type, table, column, database }) => ({ name, type, table, column, database }));
}

/** EXPLAIN takes the statement's parameters; their values do not matter. @param {string} sql @returns {any[]} */
function explained(sql) {
  const statement = handle().prepare(sql);
  /** @type {null[]} */
  const places = [];
  /** @type {Record<string, null>} */
  const named = {};
  for (;;) {
    try {
      return Object.keys(named).length === 0 ? statement.all(...places) : statement.all(...places, named);
    } catch (cause) {
      const message = String(/** @type {any} */ (cause).message);
      const name = /Missing named parameter "(.*)"/.exec(message)?.[1];
      if (name !== undefined) named[name] = null;
      else if (/Too few parameter values/.test(message) && places.length < 32_766) places.push(null);
      else if (/named parameters/.test(message)) named[""] = null;
      else throw cause;
    }
  }
}

/** Opcodes that change something, or reach another file. Source: https://www.sqlite.org/opcode.html */
const changing =
  /^(OpenWrite|VUpdate|VCreate|VDestroy|VRename|CreateBtree|Destroy|Clear|Drop\w+|SetCookie|SqlExec|ParseSchema|LoadAnalysis|Vacuum|IncrVacuum|JournalMode|Checkpoint|Expire|Savepoint|AutoCommit)$/;

/** @param {any[]} opcodes @param {boolean} query */
function effects(opcodes, query) {
  const roots = rootPages();
  const tables = new Set();
  let writes = !query;
  for (const { opcode, p2, p3 } of opcodes) {
    const table = opcode === "OpenRead" || opcode === "OpenWrite" ? roots.get(`${p3}:${p2}`) : undefined;
    if (table !== undefined) tables.add(table);
    if (changing.test(opcode)) writes = true;
  }
  return { tables: [...tables], writes };
}

/** @type {{ version: string, names: Map<string, [string, string]> } | undefined} */
let rootCache;

/** Tables (schema and name) by `database:root page` of them and their indexes; read anew when a schema's cookie has changed. */
function rootPages() {
  const open = schemas();
  const version = open.map(([, schema]) => handle().pragma(`${quoted(schema)}.schema_version`, { simple: true })).join();
  if (rootCache?.version !== version) rootCache = { version, names: new Map(open.flatMap(readRoots)) };
  return rootCache.names;
}

/** @param {[number, string]} database @returns {[string, [string, string]][]} */
function readRoots([seq, schema]) {
  const sql = `SELECT rootpage, tbl_name FROM ${quoted(schema)}.sqlite_schema WHERE rootpage > 0`;
  const rows = /** @type {[number, string][]} */ (handle().prepare(sql).raw(true).all());
  // Twice the same list is one table: a Set of them tells tables apart.
  const tables = new Map(rows.map(([, name]) => [name, /** @type {[string, string]} */ ([schema, name])]));
  return rows.map(([page, name]) => [`${seq}:${page}`, tables.get(name) ?? [schema, name]]);
}

/** `?1` and `:name` count as named in better-sqlite3; numbered ones are given by their number. @param {string} sql @param {unknown[]} params */
function bound(sql, params) {
  const values = params.map(bindable);
  return /\?\d/.test(sql) ? [Object.fromEntries(values.map((value, at) => [String(at + 1), value]))] : values;
}

/** Whole numbers are bound as integers, so that division and text mean what the caller wrote. @param {unknown} value */
function bindable(value) {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "boolean") return value ? 1n : 0n;
  return value;
}

/** @param {unknown} value */
function jsonReady(value) {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
