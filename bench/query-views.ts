/** A schema view of a SQLite file as the catalog would serve it: inspected, profiled, links inferred and checked against rows. */

import { combineStatistics, profileTables, profileTargets } from "../src/catalog/profiles.js";
import { defaultDiscovery } from "../src/catalog/settings.js";
import { openConnector } from "../src/databases/open.js";
import { inferRelationships, linksToCheck } from "../src/schema/inference.js";
import { fingerprint } from "../src/schema/normal-form.js";
import { declaredRelationships } from "../src/schema/relationships.js";
import type { SchemaView } from "../src/schema/view.js";

export async function viewOf(file: string): Promise<SchemaView> {
  const connector = openConnector({ url: `sqlite:${file}`, poolMax: 1 });
  try {
    const { snapshot, statistics } = await connector.inspect();
    const clock = { now: () => Date.now(), signal: new AbortController().signal };
    const targets = profileTargets(snapshot, statistics, defaultDiscovery.profile);
    const profiled = combineStatistics(
      statistics,
      await profileTables(connector, targets, defaultDiscovery.profile, clock, () => undefined),
    );
    const checks = linksToCheck(snapshot, { statistics: profiled, inclusions: [] }, 200);
    const inclusions = [];
    for (const { from, to } of checks) {
      inclusions.push({ from, to, share: await connector.inclusion(from, to, 100_000) });
    }
    const inferred = inferRelationships(snapshot, { statistics: profiled, inclusions });
    return {
      snapshot,
      version: fingerprint(snapshot),
      statistics: profiled,
      relationships: [...declaredRelationships(snapshot), ...inferred],
    };
  } finally {
    await connector.close();
  }
}
