/** A database as the server serves it once it has looked at rows: declared links, inferred ones, stored values. */

import { assemble, type Evidence, noEvidence } from "../src/catalog/assemble.js";
import { gatherEvidence } from "../src/catalog/evidence.js";
import { defaultDiscovery } from "../src/catalog/settings.js";
import { openConnector } from "../src/databases/open.js";
import type { SchemaView } from "../src/schema/view.js";

/** The view of the database at `url`; fails as its connector does. */
export async function servedView(url: string): Promise<SchemaView> {
  const connector = openConnector({ url });
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
