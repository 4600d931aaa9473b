/**
 * What an intent means on a world, worked out row by row from the contract's words ("What build_query means"), with loops and lists.
 * Shares nothing with the compiler: it knows no SQL, no plans, and finds join trees by trying every subset of links.
 */

import type { Intent } from "../../../src/query/intent.js";
import type { Row, Value, World, WorldLink, WorldTable } from "./world.js";

export type Meaning =
  | {
      readonly kind: "rows";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Value[])[];
      readonly ordered: boolean;
    }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "unreachable" }
  /** The contract fixes no answer here; one may be given, and is not compared. */
  | { readonly kind: "open"; readonly why: string };

interface Place {
  readonly table: string;
  readonly column: string;
}

const open = (why: string): Meaning => ({ kind: "open", why });

export function evaluate(intent: Intent, world: World): Meaning {
  return intent.columns === undefined ? grouped(intent, world) : detail(intent, world);
}

function place(term: string): Place {
  const [table = "", column = ""] = term.split(".");
  return { table, column };
}

/** All smallest sets of links that connect the tables; by brute force. */
function smallestTrees(world: World, tables: readonly string[]): readonly (readonly WorldLink[])[] {
  const wanted = [...new Set(tables)];
  const usable = world.links.filter((l) => l.from !== l.to);
  for (let size = wanted.length - 1; size <= usable.length; size++) {
    const found = subsets(usable, size).filter((links) => connects(links, wanted));
    if (found.length > 0) return found;
  }
  return [];
}

function subsets<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  if (size === 0) return [[]];
  if (items.length < size) return [];
  const [first, ...rest] = items as [T, ...T[]];
  return [...subsets(rest, size - 1).map((s) => [first, ...s]), ...subsets(rest, size)];
}

function connects(links: readonly WorldLink[], wanted: readonly string[]): boolean {
  const reached = new Set([wanted[0]]);
  for (let i = 0; i <= links.length; i++) {
    for (const l of links) if (reached.has(l.from) || reached.has(l.to)) reached.add(l.from).add(l.to);
  }
  return wanted.every((t) => reached.has(t)) && links.every((l) => reached.has(l.from));
}

interface Branch {
  readonly link: WorldLink;
  readonly table: string;
  readonly forward: boolean;
  readonly single: boolean;
  readonly below: readonly Branch[];
}

function branchesFrom(table: string, links: readonly WorldLink[]): readonly Branch[] {
  return links
    .filter((l) => l.from === table || l.to === table)
    .map((link) => {
      const forward = link.from === table;
      const other = forward ? link.to : link.from;
      const rest = links.filter((l) => l !== link);
      return {
        link,
        table: other,
        forward,
        single: forward ? link.unique : link.oneToOne,
        below: branchesFrom(other, rest),
      };
    });
}

function tablesOf(b: Branch): readonly string[] {
  return [b.table, ...b.below.flatMap(tablesOf)];
}

function partners(row: Row, b: Branch, world: World): readonly Row[] {
  const rows = world.tables.find((t) => t.name === b.table)?.rows ?? [];
  const [own, theirs] = b.forward ? [b.link.fromColumns, b.link.toColumns] : [b.link.toColumns, b.link.fromColumns];
  return rows.filter((r) => own.every((c, i) => row[c] !== null && row[c] === r[theirs[i] ?? ""]));
}

type Chain = ReadonlyMap<string, Row>;

/** Every way to stand one row of each table of a branch beside `row`; a missing parent is an empty row, a missing child is none. */
function chains(row: Row, b: Branch, world: World, needed: ReadonlySet<string>): readonly Chain[] {
  if (!tablesOf(b).some((t) => needed.has(t))) return [new Map()];
  const found = partners(row, b, world);
  const lookup = b.forward || b.link.oneToOne;
  const rows = found.length > 0 ? found : lookup ? [undefined] : [];
  return rows.flatMap((r) => {
    let combined: readonly Chain[] = [new Map(r === undefined ? [] : [[b.table, r]])];
    for (const next of b.below) {
      const more = r === undefined ? fromNothing(next, needed) : chains(r, next, world, needed);
      combined = combined.flatMap((c) => more.map((m) => new Map([...c, ...m])));
    }
    return combined;
  });
}

/** What stands beside a parent that is not there: its own parents, empty too, but no child. */
function fromNothing(b: Branch, needed: ReadonlySet<string>): readonly Chain[] {
  if (!tablesOf(b).some((t) => needed.has(t))) return [new Map()];
  const lookup = b.forward || b.link.oneToOne;
  return lookup && b.below.every((next) => fromNothing(next, needed).length > 0) ? [new Map()] : [];
}

type Filter = NonNullable<Intent["filters"]>[number];

function passes(value: Value, f: Filter): boolean {
  if (f.op === "is_null") return value === null;
  if (value === null) return false;
  if (f.op === "is_not_null") return true;
  const list = (Array.isArray(f.value) ? f.value : [f.value]) as readonly (string | number)[];
  const [a, b] = list as [string | number, string | number];
  switch (f.op) {
    case "=":
      return value === a;
    case "!=":
      return value !== a;
    case "<":
      return value < a;
    case "<=":
      return value <= a;
    case ">":
      return value > a;
    case ">=":
      return value >= a;
    case "in":
      return list.includes(value);
    case "not_in":
      return !list.includes(value);
    case "between":
      return value >= a && value <= b;
    case "contains":
      return String(value).toLowerCase().includes(String(a).toLowerCase());
    case "starts_with":
      return String(value).toLowerCase().startsWith(String(a).toLowerCase());
    default:
      throw new Error(`the oracle knows no ${f.op}`);
  }
}

/** Whether a row that may not be there passes; a filter on a table itself asks whether it is. */
function admits(row: Row | undefined, f: Filter): boolean {
  const { column } = place(f.term);
  if (column === "") return (row === undefined) === (f.op === "is_null");
  return passes(row?.[column] ?? null, f);
}

const isAbsence = (f: Filter): boolean => f.op === "is_null" && place(f.term).column === "";

/** The rows of a table that pass, each with the sets of values of `wanted` that it stands beside. */
function rowsWith(
  anchor: string,
  links: readonly WorldLink[],
  filters: readonly Filter[],
  wanted: readonly Place[],
  world: World,
): { readonly list: readonly { readonly row: Row; readonly values: readonly (readonly Value[])[] }[] } | string {
  const branches = branchesFrom(anchor, links);
  const table = world.tables.find((t) => t.name === anchor) as WorldTable;
  const list: { row: Row; values: (readonly Value[])[] }[] = [];
  const many = manyTops(branches);
  const inMany = (t: string) => many.find((m) => tablesOf(m).includes(t));
  const wide = [...new Set(wanted.map((w) => inMany(w.table)).filter((m) => m !== undefined))];
  if (wide.filter((w) => !w.forward).length > 1) return "dimensions over two to-many branches";
  if (wide.length > 1) return "dimensions over several links to keys that are not unique";
  const filtered = [...new Set(filters.map((f) => inMany(place(f.term).table)).filter((m) => m !== undefined))];
  if (wide.some((w) => filtered.includes(w))) return "a filter and a dimension on one to-many branch";
  const soft = filtered.filter((m) => m.forward);
  if (
    soft.length > 0 &&
    filters.some((f) => f.op === "is_null" && !isAbsence(f) && soft.includes(inMany(place(f.term).table) as Branch))
  ) {
    return "is_null over a key that is not unique";
  }
  for (const top of filtered) {
    const own = filters.filter((f) => tablesOf(top).includes(place(f.term).table));
    const [absence, second] = own.filter(isAbsence);
    if (absence === undefined || own.every(isAbsence)) continue;
    const below = tablesOf(branchOf(top, place(absence.term).table) as Branch);
    if (second !== undefined || !own.every((f) => below.includes(place(f.term).table)))
      return "rows that there are and are not on one way";
  }
  if (filters.some((f) => isAbsence(f) && place(f.term).table === anchor)) return "rows without themselves";
  for (const row of table.rows) {
    const looked = lookups(row, anchor, branches, world);
    const own = filters.filter((f) => inMany(place(f.term).table) === undefined);
    if (!own.every((f) => admits(looked.get(place(f.term).table), f))) continue;
    if (!filtered.every((top) => someChain(top, looked, filters, branches, anchor, world))) continue;
    list.push({ row, values: valuesOf(wanted, looked, wide[0], branches, anchor, world) });
  }
  return { list };
}

/** The first branches on the way down by which a row may have several partners. */
function manyTops(branches: readonly Branch[]): readonly Branch[] {
  return branches.flatMap((b) => (b.single ? manyTops(b.below) : [b]));
}

function lookups(row: Row, anchor: string, branches: readonly Branch[], world: World): Map<string, Row> {
  const found = new Map([[anchor, row]]);
  for (const b of branches) {
    if (!b.single) continue;
    const [partner] = partners(row, b, world);
    if (partner === undefined) continue;
    for (const [t, r] of lookups(partner, b.table, b.below, world)) found.set(t, r);
  }
  return found;
}

function parentOf(top: Branch, anchor: string, branches: readonly Branch[]): string {
  for (const b of branches) {
    if (b === top) return anchor;
    const below = b.below.includes(top) ? b.table : parentOf(top, b.table, b.below);
    if (below !== "") return below;
  }
  return "";
}

function chainsOf(
  top: Branch,
  looked: ReadonlyMap<string, Row>,
  needed: ReadonlySet<string>,
  branches: readonly Branch[],
  anchor: string,
  world: World,
): readonly Chain[] {
  const parent = looked.get(parentOf(top, anchor, branches));
  if (parent === undefined) return [];
  const found = partners(parent, top, world);
  return found.flatMap((r) => {
    let combined: readonly Chain[] = [new Map([[top.table, r]])];
    for (const next of top.below) {
      const more = chains(r, next, world, needed);
      combined = combined.flatMap((c) => more.map((m) => new Map([...c, ...m])));
    }
    return combined;
  });
}

function someChain(
  top: Branch,
  looked: ReadonlyMap<string, Row>,
  filters: readonly Filter[],
  branches: readonly Branch[],
  anchor: string,
  world: World,
): boolean {
  const own = filters.filter((f) => tablesOf(top).includes(place(f.term).table));
  const some = (wanted: readonly Filter[]) =>
    chainsOf(top, looked, new Set(wanted.map((f) => place(f.term).table)), branches, anchor, world).some((c) =>
      wanted.every((f) => admits(c.get(place(f.term).table), f)),
    );
  const absences = own.filter(isAbsence);
  if (absences.length === 0) return some(own);
  // None that there must not be, with all else that is said of it.
  const others = own.filter((f) => !isAbsence(f));
  return absences.every((f) => !some([{ ...f, op: "is_not_null" }, ...others]));
}

function branchOf(top: Branch, table: string): Branch | undefined {
  return top.table === table ? top : top.below.map((b) => branchOf(b, table)).find((b) => b !== undefined);
}

function valuesOf(
  wanted: readonly Place[],
  looked: ReadonlyMap<string, Row>,
  wide: Branch | undefined,
  branches: readonly Branch[],
  anchor: string,
  world: World,
): (readonly Value[])[] {
  const read = (c: Chain) => wanted.map((w) => c.get(w.table)?.[w.column] ?? null);
  if (wide === undefined) return [read(looked)];
  const needed = new Set(wanted.filter((w) => tablesOf(wide).includes(w.table)).map((w) => w.table));
  const found = chainsOf(wide, looked, needed, branches, anchor, world);
  const all = found.length > 0 ? found.map((c) => read(new Map([...looked, ...c]))) : [read(looked)];
  return [...new Map(all.map((v) => [JSON.stringify(v), v])).values()];
}

interface Way {
  readonly trees: readonly (readonly WorldLink[])[];
  /** The pin is at the end of what joins the tables, or off it. */
  readonly beyond: boolean;
}

/** The trees that a pinned table leaves: those that pass through it, wider ones if need be. */
function pinned(world: World, tables: readonly string[], pin: string | undefined): Way | undefined {
  const trees = smallestTrees(world, tables);
  if (trees.length === 0) return undefined;
  if (pin === undefined || tables.includes(pin)) return { trees, beyond: false };
  const degree = (tree: readonly WorldLink[]) => tree.filter((l) => l.from === pin || l.to === pin).length;
  const holding = trees.filter((t) => degree(t) > 0);
  if (holding.length > 0) return { trees: holding, beyond: false };
  const wider = smallestTrees(world, [...tables, pin]);
  if (wider.length === 0) return undefined;
  const through = wider.filter((t) => degree(t) > 1);
  return through.length > 0 ? { trees: through, beyond: false } : { trees, beyond: true };
}

function matchFilter(world: World, pin: string): Filter {
  const key = world.tables.find((t) => t.name === pin)?.key[0] ?? "";
  return { term: `${pin}.${key}`, op: "is_not_null" };
}

function grouped(intent: Intent, world: World): Meaning {
  const measures = intent.measures ?? [];
  const dimensions = intent.dimensions ?? [];
  const groups = new Map<string, { key: readonly Value[]; values: Value[] }>();
  if (dimensions.length === 0) groups.set("[]", { key: [], values: measures.map(() => null) });
  const own = measures.map((m) => [...(intent.filters ?? []), ...(m.filters ?? [])]);
  const anchors = measures.map((m) => m.table ?? place(m.term).table);
  const named = measures.map((_, i) => [
    anchors[i] ?? "",
    ...[...dimensions.map((d) => d.term), ...(own[i] ?? []).map((f) => f.term)].map((t) => place(t).table),
  ]);
  const [pin] = intent.tables ?? [];
  const ways = named.map((tables) => pinned(world, tables, pin));
  if (ways.includes(undefined)) return { kind: "unreachable" };
  // A pin that lies beyond every measure's way asks for rows with a match there: its key is never NULL.
  const match = pin !== undefined && ways.every((w) => w?.beyond === true) ? [matchFilter(world, pin)] : [];
  for (const [i, m] of measures.entries()) {
    const anchor = anchors[i] ?? "";
    const filters = [...(own[i] ?? []), ...match];
    const trees = match.length > 0 ? smallestTrees(world, [...(named[i] ?? []), pin ?? ""]) : (ways[i]?.trees ?? []);
    if (trees.length === 0) return { kind: "unreachable" };
    if (trees.length > 1) return { kind: "ambiguous" };
    const found = rowsWith(
      anchor,
      trees[0] ?? [],
      filters,
      dimensions.map((d) => place(d.term)),
      world,
    );
    if (typeof found === "string") return open(found);
    const members = new Map<string, { key: readonly Value[]; rows: Row[] }>();
    for (const { row, values } of found.list) {
      const keys = values.map((v) => v.map((x, k) => cut(x, dimensions[k]?.grain)));
      for (const key of new Map(keys.map((k) => [JSON.stringify(k), k])).values()) {
        const text = JSON.stringify(key);
        const known = members.get(text) ?? { key, rows: [] };
        known.rows.push(row);
        members.set(text, known);
      }
    }
    if (dimensions.length === 0 && members.size === 0) members.set("[]", { key: [], rows: [] });
    for (const [text, { key, rows }] of members) {
      const group = groups.get(text) ?? { key, values: measures.map(() => null) };
      group.values[i] = aggregate(m.agg ?? "sum", m.term === "*" ? undefined : place(m.term).column, rows);
      groups.set(text, group);
    }
  }
  for (const g of groups.values()) {
    measures.forEach((m, i) => {
      if (g.values[i] === null && (m.agg === "count" || m.agg === "count_distinct")) g.values[i] = 0;
    });
  }
  const kept = [...groups.values()].filter((g) =>
    (intent.having ?? []).every((h) => holds(g.values[measures.findIndex((m) => m.as === h.measure)] ?? null, h)),
  );
  return {
    kind: "rows",
    columns: [...dimensions.map((d) => d.as ?? ""), ...measures.map((m) => m.as ?? "")],
    rows: kept.map((g) => [...g.key, ...g.values]),
    ordered: false,
  };
}

function cut(value: Value, grain: string | undefined): Value {
  if (grain === undefined || typeof value !== "string") return value;
  const month = Number(value.slice(5, 7));
  if (grain === "year") return `${value.slice(0, 4)}-01-01`;
  if (grain === "quarter") return `${value.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, "0")}-01`;
  return grain === "month" ? `${value.slice(0, 7)}-01` : value;
}

function holds(value: Value, h: NonNullable<Intent["having"]>[number]): boolean {
  return value !== null && typeof h.value === "number" && passes(value, { term: "", op: h.op, value: h.value });
}

function aggregate(agg: string, column: string | undefined, rows: readonly Row[]): Value {
  if (column === undefined) return rows.length;
  const values = rows.map((r) => r[column] ?? null).filter((v): v is string | number => v !== null);
  if (agg === "count") return values.length;
  if (agg === "count_distinct") return new Set(values).size;
  if (values.length === 0) return null;
  const numbers = values.map(Number).sort((a, b) => a - b);
  if (agg === "sum") return numbers.reduce((a, b) => a + b, 0);
  if (agg === "avg") return numbers.reduce((a, b) => a + b, 0) / numbers.length;
  if (agg === "min") return numbers[0] ?? null;
  if (agg === "max") return numbers[numbers.length - 1] ?? null;
  const middle = numbers.length / 2;
  return ((numbers[Math.ceil(middle) - 1] ?? 0) + (numbers[Math.floor(middle)] ?? 0)) / 2;
}

function detail(intent: Intent, world: World): Meaning {
  const wanted = (intent.columns ?? []).map((c) => place(c.term));
  const filters = intent.filters ?? [];
  const trees = smallestTrees(
    world,
    [...wanted, ...filters.map((f) => place(f.term))].map((p) => p.table),
  );
  if (trees.length === 0) return { kind: "unreachable" };
  if (trees.length > 1) return { kind: "ambiguous" };
  const [tree = []] = trees;
  const named = [...new Set(wanted.map((w) => w.table))];
  const bases = named.filter((t) => {
    const seen = branchesFrom(t, tree);
    const many = manyTops(seen).flatMap(tablesOf);
    return named.every((n) => !many.includes(n));
  });
  if (bases.length !== 1)
    return open(bases.length === 0 ? "no table named determines the others" : "tables linked one to one");
  const found = rowsWith(bases[0] ?? "", tree, filters, wanted, world);
  if (typeof found === "string") return open(found);
  const rows = found.list.flatMap((r) => r.values);
  const shown = intent.distinct === true ? [...new Map(rows.map((r) => [JSON.stringify(r), r])).values()] : rows;
  return { kind: "rows", columns: (intent.columns ?? []).map((c) => c.as ?? ""), rows: shown, ordered: false };
}
