/** Values that may be lost in a SQLite file. */

import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { type KeyValue, type KeyValueLimits, trimEvery, trimTo } from "./key-value.js";

/** A file that several processes of this machine may share. Announces nothing: the others see a change when they read. Throws where it cannot be opened. */
export function openSqliteKeyValue(path: string, limits: KeyValueLimits): KeyValue {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // The driver waits for a lock within the call, and with it the whole process: better to go without.
  const db = new Database(path, { timeout: 20 });
  chmodSync(path, 0o600);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = OFF"); // what a power cut damages, the envelope's checksum finds
  db.exec(
    "create table if not exists entry (key text primary key, value text not null, bytes integer not null, expires real not null, used real not null) without rowid; create index if not exists entry_by_use on entry (used)",
  );
  const get = db.prepare("update entry set used = ?1 where key = ?2 and expires > ?1 returning value").pluck();
  const set = db.prepare("insert or replace into entry (key, value, bytes, expires, used) values (?, ?, ?, ?, ?)");
  const claim = db.prepare(
    "insert into entry (key, value, bytes, expires, used) values (?1, '', 0, ?2, ?3) on conflict (key) do update set expires = ?2 where expires <= ?3",
  );
  const remove = db.prepare("delete from entry where key = ?");
  const expire = db.prepare("delete from entry where expires <= ?");
  const total = db.prepare("select coalesce(sum(bytes), 0) from entry").pluck();
  const shed = db.prepare(
    "delete from entry where (used, key) <= (select used, key from (select used, key, sum(bytes) over (order by used, key) as so_far from entry) where so_far >= ? order by used, key limit 1)",
  );
  let sets = 0;
  const trim = (): void => {
    expire.run(Date.now());
    const excess = Number(total.get()) - limits.maxBytes * trimTo;
    if (excess > limits.maxBytes * (1 - trimTo)) shed.run(excess);
  };
  const read = (key: string): unknown => get.get({ 1: Date.now(), 2: key });
  return {
    adapter: {
      opts: { dialect: "sqlite" },
      get: async (key) => read(key),
      getMany: async (keys) => keys.map(read),
      set: async (key, value, ttlMs = 0) => {
        const text = String(value);
        const now = Date.now();
        set.run(key, text, text.length + key.length, now + ttlMs, now);
        sets += 1;
        if (sets % trimEvery === 0) trim();
      },
      delete: async (key) => remove.run(key).changes > 0,
      clear: async () => {
        db.exec("delete from entry");
      },
      on: () => undefined,
    },
    publish: async () => undefined,
    onMessage: () => undefined,
    claim: async (name, ttlMs) => claim.run({ 1: `claim:${name}`, 2: Date.now() + ttlMs, 3: Date.now() }).changes > 0,
    release: async (name) => void remove.run(`claim:${name}`),
    close: async () => {
      db.close();
    },
  };
}
