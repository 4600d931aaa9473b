/** Databases of the Spider set as the server serves them once it has looked at rows: declared links, inferred ones, stored values. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { assemble, type Evidence, noEvidence } from "../src/catalog/assemble.js";
import { gatherEvidence } from "../src/catalog/evidence.js";
import { defaultDiscovery } from "../src/catalog/settings.js";
import { openConnector } from "../src/databases/open.js";
import type { SchemaView } from "../src/schema/view.js";
import { randomFrom } from "../test/query/oracle/world.js";
import { type IntentLine, readLines } from "./query-cases.js";

export function databaseFile(data: string, id: string): string {
  return join(data, "spider/database", id, `${id}.sqlite`);
}

/** Lines whose gold SQL runs, gives stable rows and reads well. */
export function spiderLines(data: string): readonly IntentLine[] {
  const usable = (l: IntentLine) => l.verify.gold_exec === "ok" && l.verify.limit_tie !== true && l.clean;
  return readLines(join(data, "spider/intents_train.jsonl")).filter(usable);
}

/** Views of the databases that lines ask about, by name. */
export async function spiderViews(
  data: string,
  lines: readonly IntentLine[],
): Promise<ReadonlyMap<string, SchemaView>> {
  const views = new Map<string, SchemaView>();
  for (const id of new Set(lines.map((l) => l.db_id))) {
    const file = databaseFile(data, id);
    if (existsSync(file)) views.set(id, await servedView(`sqlite:${file}`));
  }
  return views;
}

const resamples = 1_000;

/** The 95 % percentile interval of a figure when whole groups are drawn again (Efron, "Bootstrap methods", 1979). */
export function bootstrap<T>(
  groups: readonly (readonly T[])[],
  figure: (items: readonly T[]) => number,
): [number, number] {
  const next = randomFrom(1);
  const figures = Array.from({ length: resamples }, () =>
    figure(groups.flatMap(() => groups[Math.floor(next() * groups.length)] ?? [])),
  ).sort((a, b) => a - b);
  return [figures[Math.floor(resamples * 0.025)] ?? 0, figures[Math.floor(resamples * 0.975)] ?? 0];
}

/** The view of the database at `url`; fails as its connector does. */
export async function servedView(url: string): Promise<SchemaView> {
  const connector = openConnector({ url, allowSuperuser: true });
  try {
    const read = await connector.inspect();
    const clock = {
      now: Date.now,
      signal: new AbortController().signal,
      refused: (cause: unknown) => console.error(`query bench: an inclusion check failed: ${String(cause)}`),
    };
    const seen = { read, stamp: undefined };
    const evidence: Evidence = await gatherEvidence(connector, seen, undefined, noEvidence, defaultDiscovery, clock);
    const served = { source: "bench", read, asOf: "", origin: "live" as const, stale: false };
    return assemble(served, evidence, [], defaultDiscovery.inference);
  } finally {
    await connector.close();
  }
}
