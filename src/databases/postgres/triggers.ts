/** The watch triggers as they stand in a database: what announces changes, or does not. */

import type { Client } from "pg";
import { statement } from "./statements.js";

export interface Triggers {
  readonly installed: boolean;
  /** Both fire for every session. */
  readonly complete: boolean;
  /** They announce nothing, because transactions may be prepared there. */
  readonly quiet: boolean;
}

export async function readTriggers(client: Client): Promise<Triggers> {
  const { rows } = await client.query<{ evtenabled: string; quiet: boolean }>(statement("watch-status"));
  return {
    installed: rows.length > 0,
    complete: rows.filter(({ evtenabled }) => evtenabled === "A").length === 2,
    quiet: rows.some((row) => row.quiet),
  };
}
