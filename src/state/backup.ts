/**
 * State as one file and back: gzipped JSON lines, a heading first, a count and a hash last, so that a cut or altered file is refused. Holds
 * everything durable, configuration versions included; no secret, because state holds none. Restores into an empty state only.
 */

import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { SextantError } from "../issue.js";
import type { Document, NewRecord, RecordKind, State } from "./state.js";

export interface BackupReport {
  readonly records: number;
  readonly documents: number;
}

const kinds: readonly RecordKind[] = [
  "snapshot",
  "change",
  "feedback",
  "model",
  "query",
  "run",
  "config",
  "audit",
  "checkpoint",
  "relation",
];
const heading = { format: "sextant-backup", version: 1 } as const;

/** Writes `path` whole or not at all (a temporary file, synced, renamed). `at` is ISO 8601. */
export async function backup(state: State, path: string, at: string): Promise<BackupReport> {
  const records: NewRecord[] = [];
  const documents: Document[] = [];
  for (const kind of kinds) {
    records.push(...(await state.list({ kind })));
    documents.push(...(await state.documents(kind)));
  }
  records.sort((a, b) => seqOf(a) - seqOf(b));
  const lines = [
    { ...heading, at },
    ...records.map((record) => ({ record })),
    ...documents.map((document) => ({ document })),
  ].map((line) => JSON.stringify(line));
  const body = lines.join("\n");
  const last = JSON.stringify({ records: records.length, documents: documents.length, sha256: hashOf(body) });
  writeWhole(path, gzipSync(`${body}\n${last}`));
  return { records: records.length, documents: documents.length };
}

/** Fails with `bad_config` where the file is not whole, `config_conflict` where the state is not empty. */
export async function restore(state: State, path: string): Promise<BackupReport> {
  const { records, documents } = readBackup(path);
  for (const kind of kinds) {
    if ((await state.list({ kind, limit: 1 })).length > 0 || (await state.documents(kind)).length > 0) {
      throw new SextantError("config_conflict", "The state is not empty.", {
        help: "Restore into a new one: name it with --state.",
      });
    }
  }
  await state.append(records);
  for (const document of documents) await state.put(document, 0);
  return { records: records.length, documents: documents.length };
}

function readBackup(path: string): { readonly records: readonly NewRecord[]; readonly documents: readonly Document[] } {
  let text: string;
  try {
    text = gunzipSync(readFileSync(path)).toString("utf8");
  } catch (cause) {
    throw damaged(cause);
  }
  const cut = text.lastIndexOf("\n");
  const body = text.slice(0, cut);
  const { sha256 } = parsed(text.slice(cut + 1)) as { readonly sha256?: string };
  const [first = "", ...rest] = body.split("\n");
  const { format, version } = parsed(first) as Partial<typeof heading>;
  if (sha256 !== hashOf(body) || format !== heading.format || version !== heading.version) throw damaged(undefined);
  const lines = rest.map((line) => parsed(line) as { readonly record?: NewRecord; readonly document?: Document });
  return {
    records: lines.flatMap(({ record }) => record ?? []),
    documents: lines.flatMap(({ document }) => document ?? []),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause: unknown): SextantError {
  return new SextantError("bad_config", "The file is not a whole backup of Sextant's state.", { cause });
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function seqOf(record: NewRecord): number {
  return (record as { readonly seq?: number }).seq ?? 0;
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.part`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
