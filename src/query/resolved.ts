/** An intent with its terms resolved to tables and columns: what the planner reads. Types alone. */

import type { Column } from "../schema/snapshot.js";
import type { TimeKind } from "../sql/dialect.js";
import type { Expression } from "./expression.js";
import type { Link } from "./graph.js";
import type { Aggregation, Filter, TimeGrain } from "./intent.js";
import type { TimePlan } from "./time.js";

/** A column as one place of the intent means it. */
export interface Item {
  /** Where in the intent it stands: `dimensions[0]`. */
  readonly place: string;
  readonly term: string;
  /** Number of its table in the join graph. */
  readonly table: number;
  readonly column: Column;
  /** Words of the term and of its alias, which may name a role. */
  readonly words: readonly string[];
  /** The link by which its table is reached last, where the term or a pin names it. */
  readonly via?: Link;
}

export interface ResolvedFilter {
  readonly item: Item;
  /** `not_true` is ours: false, 0 or NULL; so is `open_or_after`: NULL or later; `matched`: there is a row of the item's table; `unmatched`: there is none. */
  readonly op: Exclude<Filter["op"], "as_of"> | "not_true" | "open_or_after" | "matched" | "unmatched";
  readonly value?: Filter["value"];
  /** How the column holds times, where it does: its values are then moments, printed as it stores them. */
  readonly moment?: { readonly kind: TimeKind; readonly zone: string; readonly mixed: boolean };
}

export interface Dimension {
  readonly name: string;
  readonly item: Item;
  readonly grain?: TimeGrain;
  readonly includeEmpty: boolean;
  /** The key of the item's table to itself, where a member stands for all below it too. */
  readonly rollUp?: Link;
}

/** One aggregate over the rows of one table. */
export interface Aggregate {
  readonly agg: Aggregation;
  /** What is aggregated; absent for a count of rows. Names in it are keys of `items`. */
  readonly argument?: Expression;
  readonly items: ReadonlyMap<string, Item>;
  /** The table whose rows it counts, each once. */
  readonly anchor: number;
  /** Filters that hold for this measure alone. */
  readonly filters: readonly ResolvedFilter[];
  /** The time column that the metric itself goes by. */
  readonly time?: Item;
  /** Of each entity only the first or last row of a group counts (a balance): the column that says which is last. */
  readonly semiAdditive?: { readonly over: Item; readonly take: "first" | "last" };
  /** The column that says which currency a row's amount is in. */
  readonly currency?: Item;
}

export interface Measure {
  readonly name: string;
  readonly term: string;
  /** Over aggregates, named `@0`, `@1`, … by their place in `ResolvedIntent.aggregates`. */
  readonly final: Expression;
  /** False where it serves only order or having. */
  readonly shown: boolean;
  readonly label: string;
}

/** What a row is ordered by: a result column by name, or (detail rows) a column that is not shown. */
export interface Order {
  readonly target: { readonly kind: "result"; readonly name: string } | { readonly kind: "item"; readonly item: Item };
  readonly descending: boolean;
}

export interface Having {
  readonly measure: string;
  readonly op: "=" | "!=" | "<" | "<=" | ">" | ">=" | "between";
  readonly value: number | string | readonly number[];
}

export interface ResolvedIntent {
  readonly columns: readonly { readonly name: string; readonly item: Item }[];
  readonly measures: readonly Measure[];
  readonly aggregates: readonly Aggregate[];
  readonly dimensions: readonly Dimension[];
  readonly filters: readonly ResolvedFilter[];
  readonly having: readonly Having[];
  readonly order: readonly Order[];
  readonly time?: TimePlan;
  /** The time column that the intent names. */
  readonly timeItem?: Item;
  readonly top?: { readonly n: number; readonly by: string; readonly per: readonly string[]; readonly others: boolean };
  /** Measures whose share of the total is added. */
  readonly shares: readonly string[];
  /** Pinned tables, each once. */
  readonly pins: readonly Item[];
  readonly pinnedLinks: ReadonlySet<number>;
}
