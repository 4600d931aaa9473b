/**
 * How an entry travels to the shared tier and back: JSON, compressed when large, authenticated together with its own key, so that garbage, a
 * cut text, another entry's text or (with a secret key) a forged one reads as nothing. Never throws on what it reads.
 */

import { createHmac, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";

export interface SharedEntry {
  readonly value: unknown;
  /** Milliseconds since the epoch at which it was loaded, by the writer's clock. */
  readonly at: number;
  readonly ttlMs: number;
  /** The token of each tag when it was loaded. */
  readonly tokens: Readonly<Record<string, string>>;
}

const pack = promisify(deflateRaw);
const unpack = promisify(inflateRaw);
const fastest = 1;
/** Without a secret this finds damage and mistaken identity, and no forgery. */
const noSecret = "sextant-cache-checksum";
const macLength = 24;

export interface EnvelopeSettings {
  readonly key: string | undefined;
  readonly compressAboveBytes: number;
  readonly entryMaxBytes: number;
}

/** `z` or `j` (compressed or not), the MAC in base64url, the text. */
export async function seal(name: string, json: string, settings: EnvelopeSettings): Promise<string> {
  const compress = json.length > settings.compressAboveBytes;
  const body = compress ? (await pack(json, { level: fastest })).toString("base64") : json;
  const head = compress ? "z" : "j";
  return `${head}${macOf(head + name, body, settings.key)}${body}`;
}

/** The entry of `name`, or undefined for anything that `seal` did not make for that name. */
export async function open(name: string, text: unknown, settings: EnvelopeSettings): Promise<SharedEntry | undefined> {
  if (typeof text !== "string" || text.length < macLength + 1) return undefined;
  const [head = "", mac, body] = [text[0], text.slice(1, macLength + 1), text.slice(macLength + 1)];
  const wanted = macOf(head + name, body, settings.key);
  if (Buffer.byteLength(mac) !== macLength || !timingSafeEqual(Buffer.from(mac), Buffer.from(wanted))) return undefined;
  try {
    const limit = { maxOutputLength: settings.entryMaxBytes + 65_536 };
    const json = head === "z" ? (await unpack(Buffer.from(body, "base64"), limit)).toString("utf8") : body;
    return shaped(JSON.parse(json));
  } catch {
    return undefined; // of an older release, or larger than is now allowed
  }
}

function macOf(name: string, body: string, key: string | undefined): string {
  const mac = createHmac("sha256", key ?? noSecret)
    .update(`${name.length}:${name}`)
    .update(body);
  return mac.digest("base64url").slice(0, macLength);
}

function shaped(value: unknown): SharedEntry | undefined {
  const entry = value as Partial<SharedEntry> | null;
  const fits =
    typeof entry === "object" &&
    entry !== null &&
    "value" in entry &&
    typeof entry.at === "number" &&
    typeof entry.ttlMs === "number" &&
    typeof entry.tokens === "object" &&
    entry.tokens !== null;
  return fits ? (entry as SharedEntry) : undefined;
}
