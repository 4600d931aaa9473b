/** The lint rules in force, in the order in which they are told. A new rule is a file under `rules/` and a line here. */

import type { Rule } from "./rule.js";

export const rules: readonly Rule[] = [];
