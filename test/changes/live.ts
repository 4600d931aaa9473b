/** A connector's view as the catalog would serve it, without the catalog: for tests of history and the watcher. */

import type { LiveSchema } from "../../src/catalog/live.js";
import type { Connector } from "../../src/databases/connector.js";
import { fingerprint } from "../../src/schema/normal-form.js";

let tick = Date.parse("2026-01-01T00:00:00Z");

/** Inspects and wraps; each call is a second later than the one before. */
export async function look(connector: Connector, source = "shop"): Promise<LiveSchema> {
  const read = await connector.inspect();
  tick += 1000;
  return {
    source,
    snapshot: read.snapshot,
    version: fingerprint(read.snapshot),
    statistics: read.statistics,
    relationships: [],
    serverVersion: read.serverVersion,
    identity: read.identity,
    stamp: read.stamp,
    asOf: new Date(tick).toISOString(),
    origin: "live",
    stale: false,
    issues: read.issues,
  };
}
