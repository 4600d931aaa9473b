/** What a lint rule is: one file under `rules/`, one kind of statement that runs and lies. Pure; warnings, never errors. */

import type { SchemaView } from "../schema/view.js";
import type { Query } from "../sql/tree.js";
import type { Finding } from "./finding.js";
import type { KeyFinder } from "./keys.js";
import type { Resolution } from "./relation.js";

export interface RuleInput {
  readonly sql: string;
  readonly query: Query;
  readonly resolution: Resolution;
  readonly view: SchemaView;
  readonly keys: KeyFinder;
}

export type Rule = (input: RuleInput) => readonly Finding[];
