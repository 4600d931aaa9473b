/** A section of the configuration in the shape that its room takes: camelCase, nothing else changed. Pure. */

import type { SourceSettings } from "./load.js";

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

export type CamelKeys<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T as K extends string ? Camel<K> : never]: CamelKeys<T[K]> }
    : T;

/** Not for the section that holds names chosen by users (`sources`): those would be renamed as well. */
export function camelKeys<T extends object>(section: T): CamelKeys<T> {
  const entries = Object.entries(section).map(([name, value]: [string, unknown]) => [
    name.replaceAll(/_(\w)/gu, (_, letter: string) => letter.toUpperCase()),
    typeof value === "object" && value !== null && !Array.isArray(value) ? camelKeys(value) : value,
  ]);
  return Object.fromEntries(entries) as CamelKeys<T>;
}

/** What `openConnector` takes of a source. */
export function connectorSettings(source: SourceSettings): {
  readonly url: string;
  readonly schemas?: readonly string[];
  readonly attach?: Readonly<Record<string, string>>;
  readonly poolMax?: number;
  readonly connectTimeoutMs: number;
  readonly inspectTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly planTimeoutMs: number;
  readonly heapBytes: number;
  readonly allowSuperuser: boolean;
} {
  return {
    url: source.url,
    ...(source.schemas && { schemas: source.schemas }),
    ...(source.attach && { attach: source.attach }),
    ...(source.pool.max !== undefined && { poolMax: source.pool.max }),
    connectTimeoutMs: source.connect_timeout_ms,
    inspectTimeoutMs: source.inspect_timeout_ms,
    lockTimeoutMs: source.lock_timeout_ms,
    planTimeoutMs: source.plan_timeout_ms,
    heapBytes: source.heap_bytes,
    allowSuperuser: source.allow_superuser === "loopback" ? source.loopback : source.allow_superuser,
  };
}
