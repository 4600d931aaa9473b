/** Random intents over a world: measures of one or several tables, dimensions and filters near and far, thresholds, detail rows. */

import { type Intent, intentSchema } from "../../../src/query/intent.js";
import type { Dice, World, WorldTable } from "./world.js";

export function makeIntent(dice: Dice, world: World): Intent {
  const filters = dice.chance(0.6) ? Array.from({ length: 1 + dice.below(2) }, () => makeFilter(dice, world)) : [];
  const shared = filters.length > 0 ? { filters } : {};
  if (dice.chance(0.3)) {
    const columns = Array.from({ length: 1 + dice.below(3) }, (_, i) => ({
      term: column(dice, dice.pick(world.tables)),
      as: `c${i}`,
    }));
    return intentSchema.parse({ columns, ...shared, ...(dice.chance(0.2) ? { distinct: true } : {}) });
  }
  const measures = Array.from({ length: 1 + dice.below(3) }, (_, i) => makeMeasure(dice, world, `m${i}`));
  const dimensions = Array.from({ length: dice.below(3) }, (_, i) => makeDimension(dice, world, `g${i}`));
  return intentSchema.parse({
    measures,
    ...(dimensions.length > 0 ? { dimensions } : {}),
    ...shared,
    ...(dice.chance(0.1) ? { tables: [dice.pick(world.tables).name] } : {}),
    ...(dice.chance(0.15)
      ? { having: [{ measure: "m0", op: dice.pick([">", "<=", "!="]), value: dice.below(4) }] }
      : {}),
  });
}

function makeMeasure(dice: Dice, world: World, as: string): unknown {
  const table = dice.pick(world.tables);
  const filters = dice.chance(0.15) ? { filters: [makeFilter(dice, world)] } : {};
  if (dice.chance(0.25)) return { term: "*", agg: "count", table: table.name, as, ...filters };
  const agg = dice.pick(["sum", "sum", "avg", "min", "max", "count", "count_distinct", "median"]);
  const name = agg.startsWith("count") ? dice.pick(["n", "v", "s"]) : dice.pick(["n", "v"]);
  return { term: `${table.name}.${name}`, agg, as, ...filters };
}

function makeDimension(dice: Dice, world: World, as: string): unknown {
  const table = dice.pick(world.tables);
  if (dice.chance(0.2)) return { term: `${table.name}.d`, grain: dice.pick(["month", "quarter", "year", "day"]), as };
  return { term: `${table.name}.${dice.pick(["s", "n"])}`, as };
}

function column(dice: Dice, table: WorldTable): string {
  return `${table.name}.${dice.pick(["s", "n", "v", table.key[0] ?? "n"])}`;
}

function makeFilter(dice: Dice, world: World): unknown {
  const table = dice.pick(world.tables);
  if (dice.chance(0.15)) return { term: table.name, op: dice.pick(["is_null", "is_not_null"]) };
  const text = dice.chance(0.5);
  const term = `${table.name}.${text ? "s" : "n"}`;
  const value = () => (text ? dice.pick(["a", "b", "it's", "é", "10"]) : dice.below(5));
  const op = dice.pick([
    "=",
    "!=",
    "in",
    "not_in",
    "is_null",
    "is_not_null",
    text ? "contains" : "<",
    text ? "starts_with" : "between",
    text ? "=" : ">=",
  ]);
  if (op === "is_null" || op === "is_not_null") return { term, op };
  if (op === "in" || op === "not_in") return { term, op, value: [value(), value()] };
  if (op === "between") return { term, op, value: [1, 1 + dice.below(4)] };
  if (op === "contains" || op === "starts_with") return { term, op, value: dice.pick(["b", "%", "it", "x"]) };
  return { term, op, value: value() };
}
