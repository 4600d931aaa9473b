/** The door to durable records: which store a URL means. Holds no settings; paths are absolute by the time they come here. */

import { SextantError } from "../issue.js";
import { openPostgresState } from "./postgres.js";
import { openSqliteState } from "./sqlite.js";
import type { State } from "./state.js";

/** Opens `sqlite:PATH`, `postgres://…` or `memory`. Throws `bad_config_value` for anything else, `state_unavailable` when it cannot be opened. */
export async function openState(url: string): Promise<State> {
  if (url === "memory" || url === "memory:") return openSqliteState(":memory:");
  if (url.startsWith("sqlite:")) return openSqliteState(url.slice("sqlite:".length));
  if (/^postgres(ql)?:\/\//u.test(url)) return openPostgresState(url);
  throw new SextantError("bad_config_value", "`state.url` names no store that Sextant knows.", {
    help: "Use sqlite:PATH, postgres://… or memory.",
  });
}
