/** Looks at rows on behalf of the catalog: value profiles and inclusion checks, within their budgets, of what changed alone where possible. */

import type { Connector } from "../databases/connector.js";
import { linksToCheck } from "../schema/inference.js";
import type { Inclusion } from "../schema/link-evidence.js";
import { tableKey } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import type { SchemaStatistics } from "../schema/statistics.js";
import type { Evidence } from "./assemble.js";
import type { Seen } from "./look.js";
import { combineStatistics, profileTables, profileTargets } from "./profiles.js";
import type { DiscoverySettings, InferenceSettings } from "./settings.js";
import { inSlices } from "./slices.js";

export interface EvidenceClock {
  now(): number;
  readonly signal: AbortSignal;
  /** Hears of every inclusion check that failed. */
  refused(cause: unknown): void;
}

/** Evidence for `seen`. Where `before` is given, tables that are the same as then keep what `known` says of them. */
export async function gatherEvidence(
  connector: Connector,
  seen: Seen,
  before: Seen | undefined,
  known: Evidence,
  settings: DiscoverySettings,
  clock: EvidenceClock,
): Promise<Evidence> {
  const { snapshot, statistics } = seen.read;
  const like = before === undefined ? new Set<string>() : unchanged(before.read.snapshot.tables, snapshot.tables);
  const same = new Set([...like].filter((key) => known.profiled.tables[key] !== undefined));
  const kept = only(known.profiled, same);
  const targets = profileTargets(snapshot, statistics, settings.profile, same);
  const fresh = await profileTables(connector, targets, settings.profile, clock, () => undefined);
  const profiled = combineStatistics(kept, fresh);
  const stillTrue = known.inclusions.filter((i) => same.has(tableKey(i.from.table)) && same.has(tableKey(i.to.table)));
  const inclusions = await checkLinks(
    connector,
    seen,
    { profiled, inclusions: stillTrue },
    settings.inference,
    clock,
    clock.refused,
  );
  return { profiled, inclusions };
}

async function checkLinks(
  connector: Connector,
  seen: Seen,
  known: Evidence,
  settings: InferenceSettings,
  clock: EvidenceClock,
  refused: (cause: unknown) => void,
): Promise<readonly Inclusion[]> {
  if (!settings.enabled) return known.inclusions;
  const statistics = combineStatistics(seen.read.statistics, known.profiled);
  const evidence = { statistics, inclusions: known.inclusions };
  const deadline = clock.now() + settings.maxCheckTimeMs;
  const found = [...known.inclusions];
  const pairs = await inSlices(linksToCheck(seen.read.snapshot, evidence, settings.maxChecks), clock.signal);
  for (const { from, to } of pairs) {
    if (clock.signal.aborted || clock.now() >= deadline) break;
    try {
      found.push({ from, to, share: await connector.inclusion(from, to, settings.maxCheckRows, clock.signal) });
    } catch (cause) {
      // One check that the database refuses (a type without equality, a lock) leaves the others their turn.
      refused(cause);
    }
  }
  return found;
}

/** Keys of tables whose columns and keys are the same in both; the rows may differ, but profiles age by their own bound. */
function unchanged(before: readonly Table[], after: readonly Table[]): ReadonlySet<string> {
  const old = new Map(before.map((t) => [tableKey(t), t]));
  const same = after.filter((t) => {
    const then = old.get(tableKey(t));
    return then === t || (then !== undefined && JSON.stringify(then.columns) === JSON.stringify(t.columns));
  });
  return new Set(same.map(tableKey));
}

function only(statistics: SchemaStatistics, keys: ReadonlySet<string>): SchemaStatistics {
  return { tables: Object.fromEntries(Object.entries(statistics.tables).filter(([key]) => keys.has(key))) };
}
