/** The lint rules in force, in the order in which they are told. A new rule is a file under `rules/` and a line here. */

import type { Rule } from "./rule.js";
import { aggregatedAverage } from "./rules/aggregated-average.js";
import { cartesianProduct } from "./rules/cartesian-product.js";
import { fanOut } from "./rules/fan-out.js";
import { implicitCast } from "./rules/implicit-cast.js";
import { integerDivision } from "./rules/integer-division.js";
import { joinOnPartOfKey } from "./rules/join-on-part-of-key.js";
import { joinOnUnrelated } from "./rules/join-on-unrelated.js";
import { limitWithoutOrder } from "./rules/limit-without-order.js";
import { missingSoftDeleteFilter } from "./rules/missing-soft-delete-filter.js";
import { notInNullable } from "./rules/not-in-nullable.js";
import { nullComparison } from "./rules/null-comparison.js";
import { outerJoinUndone } from "./rules/outer-join-undone.js";
import { selfComparison } from "./rules/self-comparison.js";
import { semiAdditiveSum } from "./rules/semi-additive-sum.js";
import { timestampBetween } from "./rules/timestamp-between.js";

export const rules: readonly Rule[] = [
  fanOut,
  cartesianProduct,
  joinOnPartOfKey,
  joinOnUnrelated,
  notInNullable,
  nullComparison,
  selfComparison,
  outerJoinUndone,
  integerDivision,
  timestampBetween,
  aggregatedAverage,
  semiAdditiveSum,
  implicitCast,
  missingSoftDeleteFilter,
  limitWithoutOrder,
];
