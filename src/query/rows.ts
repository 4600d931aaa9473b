/**
 * The rows that something is counted or listed over: FROM the anchor, parents looked up by LEFT JOIN (at most one row each), filters over
 * to-many links as EXISTS, dimensions over to-many links by distinct pairs. One row of the anchor never stands twice in a group. Pure.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import type { Dialect } from "../sql/dialect.js";
import type { AnswerJoin } from "./answer.js";
import { predicate } from "./filters.js";
import { type Fragment, indent, join, raw, sql } from "./fragment.js";
import type { Link } from "./graph.js";
import type { Node, PathContext, Reach } from "./paths.js";
import type { Item, ResolvedFilter } from "./resolved.js";
import { printSelect } from "./select.js";
import { refuse } from "./stop.js";

export interface Rows {
  /** The anchor's alias. */
  readonly anchor: string;
  readonly from: Fragment;
  readonly joins: readonly Fragment[];
  readonly where: readonly Fragment[];
  /** A column of an item, as the statement names it. */
  column(item: Item): string;
  /** A wanted item as it is shown: shaped (cut to a grain), once. */
  shown(item: Item): string;
  readonly used: readonly AnswerJoin[];
  /** Branches over which a row of the anchor may stand in several groups. */
  readonly branches: readonly Branch[];
}

/** A part of the tree that hangs on a link by which a row may have several. */
export interface Branch {
  readonly top: Node;
  readonly filters: readonly ResolvedFilter[];
  /** Items whose values are wanted beside the anchor's rows. */
  readonly wanted: readonly Item[];
  /** True for links to a key that is not declared unique: usually one row, but nothing says so. */
  readonly soft: boolean;
  /** Set where the rows of a tree stand under all above them. */
  readonly rollUp?: Link;
}

/** Gives tables short names, each once in a statement: the first letters of its words. */
export class Aliases {
  private readonly taken = new Set<string>();
  constructor(private readonly dialect: Dialect) {}

  of(name: string): string {
    const letters = nameWords(name)
      .map((w) => w.charAt(0))
      .join("");
    const base = /^[a-z]+$/.test(letters) ? letters.slice(0, 4) : "t";
    let alias = base;
    for (let i = 2; this.taken.has(alias) || this.dialect.name_(alias) !== alias; i++) alias = `${base}${i}`;
    this.taken.add(alias);
    return alias;
  }
}

export class RowsBuilder {
  private readonly names = new Map<Node, string>();
  private readonly used: AnswerJoin[] = [];
  private readonly pairColumns = new Map<Item, string>();
  /** Looked-up tables without a row of which a filter drops the row anyway. */
  private readonly required = new Set<Node>();

  constructor(
    private readonly reach: Reach,
    private readonly context: PathContext,
    private readonly dialect: Dialect,
    private readonly aliases: Aliases,
    /** How wanted items are shaped before they tell groups apart: days that fall into one month are one value. */
    private readonly shapes: ReadonlyMap<Item, (column: string) => string> = new Map(),
    /** Wanted items that each row shows for its own member and all above it: the tree's key. */
    private readonly trees: ReadonlyMap<Item, Link> = new Map(),
  ) {}

  /** `wanted`: items whose values are needed; `filters`: all must hold; `present`: items that a range rules NULL out for. */
  build(wanted: readonly Item[], filters: readonly ResolvedFilter[], present: readonly Item[] = []): Rows {
    const branches = this.branches(
      wanted.filter((i) => !this.trees.has(i)),
      filters,
    );
    const inBranch = new Set(branches.flatMap((b) => [...b.filters.map((f) => f.item), ...b.wanted]));
    const single = filters.filter((f) => !inBranch.has(f.item));
    const nodes = new Set<Node>();
    for (const item of [...wanted, ...single.map((f) => f.item)]) {
      const node = this.node(item);
      if (!inBranch.has(item)) this.need((this.trees.has(item) && this.keyHolder(item)) || node, nodes);
    }
    for (const b of branches) if (b.top.parent !== undefined) this.need(b.top.parent, nodes);
    const root = this.reach.root;
    const from = raw(`${this.tableName(root)} AS ${this.alias(root)}`);
    this.require(
      single,
      present.filter((i) => !inBranch.has(i)),
    );
    const joins = [...this.lookups(root, nodes)];
    const trees = this.treeBranches(wanted);
    joins.push(...trees.map((b) => this.above(b)));
    const where = compared(single).map((f) => predicate(f, this.comparedColumn(f), this.dialect));
    for (const branch of branches) {
      if (branch.wanted.length > 0) joins.push(this.pairs(branch));
      else where.push(...this.semiJoin(branch));
    }
    return {
      anchor: this.alias(root),
      from,
      joins,
      where,
      column: (item) => this.column(item),
      shown: (item) => this.pairColumns.get(item) ?? this.shaped(item),
      used: this.used,
      branches: [...branches, ...trees],
    };
  }

  /** The node above a tree's table that holds the key by which the tree goes: the table itself need not be joined then. */
  private keyHolder(item: Item): Node | undefined {
    const { link, forward, parent } = this.node(item);
    const keys = this.trees.get(item)?.toColumns.join("\u0000");
    return forward && link?.toColumns.join("\u0000") === keys ? parent : undefined;
  }

  private treeBranches(wanted: readonly Item[]): readonly Branch[] {
    const found = new Map<Node, { rollUp: Link; wanted: Item[] }>();
    for (const item of wanted) {
      const rollUp = this.trees.get(item);
      if (rollUp === undefined) continue;
      const node = this.node(item);
      if (!node.single) {
        refuse(
          error(
            "fan_out",
            `A row may have several ${this.context.tableRef(node.table)}: a tree of them is not rolled up.`,
          ),
        );
      }
      const known = found.get(node);
      if (known === undefined) found.set(node, { rollUp, wanted: [item] });
      else known.wanted.push(item);
    }
    return [...found].map(([top, b]) => ({ top, ...b, filters: [], soft: false }));
  }

  /** Beside each row the values of its member and of all above it, each once; a circle ends where it began (UNION keeps no row twice). */
  private above({ top, rollUp, wanted }: Branch): Fragment {
    if (rollUp === undefined) throw new Error("no tree");
    const table = this.context.graph.tables[top.table]?.name ?? "";
    const [walk, step, member, name] = ["tree", table, table, `${table} above`].map((n) => this.aliases.of(n));
    const rows = freeName(`${walk}_rows`, this.context);
    const keys = rollUp.toColumns.map((c) => this.dialect.name_(c));
    const parents = rollUp.fromColumns.map((c) => this.dialect.name_(c));
    const from = this.tableName(top);
    const list = (prefix: string) => keys.map((_, i) => `${prefix}${i + 1}`);
    const meet = (alias: string | undefined) => keys.map((k, i) => `${alias}.${k} = ${walk}.u${i + 1}`).join(" AND ");
    const lines = [
      `WITH RECURSIVE ${rows} (${[...list("k"), ...list("u")].join(", ")}) AS (`,
      `  SELECT ${[...keys, ...keys].join(", ")} FROM ${from}`,
      "  UNION",
      `  SELECT ${[...list(`${walk}.k`), ...parents.map((p) => `${step}.${p}`)].join(", ")}`,
      `  FROM ${rows} AS ${walk} JOIN ${from} AS ${step} ON ${meet(step)}`,
      `  WHERE ${parents.map((p) => `${step}.${p} IS NOT NULL`).join(" AND ")}`,
      ")",
    ];
    const values = wanted.map((item, i) => {
      const column = `${member}.${this.dialect.name_(item.column.name)}`;
      this.pairColumns.set(item, `${name}.v${i + 1}`);
      return { expression: raw(this.shapes.get(item)?.(column) ?? column), name: `v${i + 1}` };
    });
    const select = printSelect({
      distinct: true,
      items: [...list("k").map((k) => ({ expression: raw(`${walk}.${k}`), name: k })), ...values],
      from: raw(`${rows} AS ${walk}`),
      joins: [raw(`JOIN ${from} AS ${member} ON ${meet(member)}`)],
    });
    const body = sql`${lines.join("\n")}\n${select}`;
    const holder = wanted[0] && this.keyHolder(wanted[0]);
    const held = holder === undefined ? keys : (top.link?.fromColumns ?? []).map((c) => this.dialect.name_(c));
    const on = held.map((k, i) => `${name}.k${i + 1} = ${this.alias(holder ?? top)}.${k}`).join(" AND ");
    if (holder !== undefined) this.note(top, "left");
    return sql`LEFT JOIN (\n  ${indent(body, 2)}\n) AS ${name ?? ""} ON ${on}`;
  }

  private node(item: Item): Node {
    const node = this.reach.at.get(item);
    if (node === undefined) throw new Error(`no path to ${item.place}`);
    return node;
  }

  private branches(wanted: readonly Item[], filters: readonly ResolvedFilter[]): readonly Branch[] {
    const tops = new Map<Node, { filters: ResolvedFilter[]; wanted: Item[] }>();
    const of = (item: Item) => {
      const top = branchTop(this.node(item));
      if (top === undefined) return undefined;
      const known = tops.get(top) ?? { filters: [], wanted: [] };
      tops.set(top, known);
      return known;
    };
    for (const item of wanted) of(item)?.wanted.push(item);
    for (const filter of filters) of(filter.item)?.filters.push(filter);
    return [...tops].map(([top, b]) => ({ top, ...b, soft: top.forward }));
  }

  private need(node: Node, into: Set<Node>): void {
    for (let n: Node | undefined = node; n?.parent !== undefined; n = n.parent) into.add(n);
  }

  /** A filter that NULL never passes needs its table's row: the join may as well be inner, which says the same more plainly. */
  private require(filters: readonly ResolvedFilter[], alsoItems: readonly Item[] = []): void {
    const items = filters.filter((f) => !holdingOfNull.has(f.op)).map((f) => f.item);
    for (const item of [...items, ...alsoItems]) {
      for (let n: Node | undefined = this.node(item); n?.parent !== undefined; n = n.parent) this.required.add(n);
    }
  }

  /** LEFT JOINs of the needed tables below `node`, parents first. */
  private lookups(node: Node, needed: ReadonlySet<Node>): Fragment[] {
    return node.children
      .filter((c) => needed.has(c))
      .flatMap((c) => {
        const kind = this.required.has(c) ? "inner" : "left";
        this.note(c, kind);
        return [
          raw(
            `${kind === "inner" ? "JOIN" : "LEFT JOIN"} ${this.tableName(c)} AS ${this.alias(c)} ON ${this.on(c, this.alias(node))}`,
          ),
          ...this.lookups(c, needed),
        ];
      });
  }

  /** Rows that have at least one related row for which all filters of the branch hold together. */
  private semiJoin(branch: Branch): Fragment[] {
    const missing = branch.filters.filter((f) => f.op === "unmatched");
    if (missing.length > 0) return missing.map((f) => this.antiJoin(branch, f, missing));
    const absent = branch.filters.every((f) => f.op === "is_null" && this.lookedUp(f.item, branch.top));
    if (absent) {
      // A looked-up row that is not there reads as NULL (rule 3), whether or not the key is declared unique.
      return branch.filters.map((f) => sql`NOT ${this.exists(branch.top, [{ ...f, op: "is_not_null" }])}`);
    }
    return [this.exists(branch.top, branch.filters)];
  }

  /** Rows that have no related row of one table for which the branch's other filters hold. */
  private antiJoin({ top, filters }: Branch, missing: ResolvedFilter, all: readonly ResolvedFilter[]): Fragment {
    const node = this.node(missing.item);
    const others = filters.filter((f) => f.op !== "unmatched");
    const own = others.filter((f) => isWithin(this.node(f.item), node));
    const stray = others.find((f) => !all.some((m) => isWithin(this.node(f.item), this.node(m.item))));
    // Of two tables that there must be no row of, one below the other, a filter may speak of either.
    const nested = all.some(({ item }) => {
      const below = this.node(item);
      return below !== node && isWithin(below, node) && others.some((f) => isWithin(this.node(f.item), below));
    });
    if (stray !== undefined || nested) {
      const ref = this.context.tableRef(node.table);
      refuse(
        error(
          "invalid_argument",
          `"${(stray ?? missing).item.term}" and the rows of ${ref} that there must not be lie on one way.`,
          {
            help: `Ask for rows without a row of ${ref} apart from it, or filter on ${ref} itself.`,
          },
        ),
      );
    }
    return sql`NOT ${this.exists(top, [{ ...missing, op: "matched" }, ...own])}`;
  }

  private exists(top: Node, filters: readonly ResolvedFilter[]): Fragment {
    this.require(filters);
    const inner = this.branchBody(
      top,
      filters.map((f) => f.item),
      "inner",
    );
    const conditions = [
      raw(this.on(top, this.alias(top.parent as Node))),
      ...compared(filters).map((f) => predicate(f, this.column(f.item), this.dialect)),
    ];
    const body = join(
      [sql`SELECT 1`, sql`FROM ${inner.from}`, ...inner.joins, sql`WHERE ${join(conditions, "\n  AND ")}`],
      "\n",
    );
    return sql`EXISTS (\n  ${indent(body, 2)}\n)`;
  }

  /** Whether every link from the anchor to an item goes to a key, declared unique or not. */
  private lookedUp(item: Item, top: Node): boolean {
    for (let n: Node | undefined = this.node(item); n !== undefined; n = n === top ? undefined : n.parent) {
      if (!n.forward && n.link?.uniqueFrom !== true) return false;
    }
    return true;
  }

  /** The anchor's rows beside each distinct set of wanted values of the branch, so that a row counts once in each group. */
  private pairs(branch: Branch): Fragment {
    const top = branch.top;
    const link = top.link as Link;
    const missing = branch.filters.find((f) => f.op === "unmatched");
    if (missing !== undefined) {
      const shown = branch.wanted.map((i) => this.context.columnRef(i.table, i.column.name)).join(", ");
      refuse(
        error(
          "invalid_argument",
          `${shown} lies where there must be no row of ${this.context.tableRef(missing.item.table)}.`,
          {
            help: "Leave one of the two out.",
          },
        ),
      );
    }
    this.require(branch.filters);
    const kind = branch.filters.length > 0 ? "inner" : "left";
    const inner = this.branchBody(top, [...branch.wanted, ...branch.filters.map((f) => f.item)], kind);
    const name = this.aliases.of(`${this.context.graph.tables[top.table]?.name ?? ""} values`);
    const keys = (top.forward ? link.toColumns : link.fromColumns).map((c, i) => ({
      expression: raw(`${this.alias(top)}.${this.dialect.name_(c)}`),
      name: `k${i + 1}`,
    }));
    const values = branch.wanted.map((item, i) => {
      // Shaped here, not outside: else a row would stand twice in a group that two of its values fall into.
      const value = { expression: raw(this.shaped(item)), name: `v${i + 1}` };
      this.pairColumns.set(item, `${name}.v${i + 1}`);
      return value;
    });
    const body = printSelect({
      distinct: true,
      items: [...keys, ...values],
      from: inner.from,
      joins: inner.joins,
      where: compared(branch.filters).map((f) => predicate(f, this.innerColumn(f.item), this.dialect)),
    });
    const parent = this.alias(top.parent as Node);
    const own = top.forward ? link.fromColumns : link.toColumns;
    const on = own.map((c, i) => `${name}.k${i + 1} = ${parent}.${this.dialect.name_(c)}`).join(" AND ");
    return sql`${kind === "inner" ? "JOIN" : "LEFT JOIN"} (\n  ${indent(body, 2)}\n) AS ${name} ON ${on}`;
  }

  /** FROM the branch's first table, with what lies beyond joined: to-many inner, lookups left. */
  private branchBody(top: Node, items: readonly Item[], kind: "inner" | "left"): { from: Fragment; joins: Fragment[] } {
    const needed = new Set<Node>();
    for (const item of items) for (let n: Node = this.node(item); n !== top && n.parent; n = n.parent) needed.add(n);
    this.note(top, kind);
    return { from: raw(`${this.tableName(top)} AS ${this.alias(top)}`), joins: this.branchJoins(top, needed) };
  }

  private branchJoins(node: Node, needed: ReadonlySet<Node>): Fragment[] {
    return node.children
      .filter((c) => needed.has(c))
      .flatMap((c) => {
        const many = (!c.forward && c.link?.uniqueFrom !== true) || this.required.has(c);
        this.note(c, many ? "inner" : "left");
        const text = `${many ? "JOIN" : "LEFT JOIN"} ${this.tableName(c)} AS ${this.alias(c)} ON ${this.on(c, this.alias(node))}`;
        return [raw(text), ...this.branchJoins(c, needed)];
      });
  }

  /** The condition of a node's link. The key's side stands left: in SQLite its collation then decides, under which it is unique. */
  private on(node: Node, parent: string): string {
    const link = node.link as Link;
    const own = this.alias(node);
    const [to, from] = node.forward ? [own, parent] : [parent, own];
    return link.toColumns
      .map((c, i) => `${to}.${this.dialect.name_(c)} = ${from}.${this.dialect.name_(link.fromColumns[i] ?? "")}`)
      .join(" AND ");
  }

  /** What a filter compares: of a looked-up row that there must not be, its key, which no row lacks. */
  private comparedColumn(filter: ResolvedFilter): string {
    if (filter.op !== "unmatched") return this.column(filter.item);
    const node = this.node(filter.item);
    if (node.link === undefined) {
      refuse(
        error(
          "invalid_argument",
          `The rows of ${this.context.tableRef(node.table)} are those asked for: none is without itself.`,
          {
            help: "Name the table whose rows are wanted, and filter on the one that they are to be without.",
          },
        ),
      );
    }
    const [key] = node.forward ? node.link.toColumns : node.link.fromColumns;
    return `${this.alias(node)}.${this.dialect.name_(key ?? "")}`;
  }

  private column(item: Item): string {
    return this.pairColumns.get(item) ?? this.innerColumn(item);
  }

  private shaped(item: Item): string {
    const column = this.innerColumn(item);
    return this.shapes.get(item)?.(column) ?? column;
  }

  private innerColumn(item: Item): string {
    return `${this.alias(this.node(item))}.${this.dialect.name_(item.column.name)}`;
  }

  private alias(node: Node): string {
    const known = this.names.get(node);
    if (known !== undefined) return known;
    const made = this.aliases.of(this.context.graph.tables[node.table]?.name ?? "t");
    this.names.set(node, made);
    return made;
  }

  private tableName(node: Node): string {
    return tableSql(this.context, node.table, this.dialect);
  }

  private note(node: Node, kind: "inner" | "left"): void {
    const link = node.link as Link;
    const own = node.forward ? link.toColumns : link.fromColumns;
    const other = node.forward ? link.fromColumns : link.toColumns;
    own.forEach((column, i) => {
      const from = this.context.columnRef((node.parent as Node).table, other[i] ?? "");
      const to = this.context.columnRef(node.table, column);
      const made = { from, to, kind, origin: link.origin, cardinality: cardinality(link, node.forward) };
      if (!this.used.some((u) => u.from === from && u.to === to)) this.used.push(made);
    });
  }
}

/** Operators that a looked-up row which is not there may pass. */
const holdingOfNull: ReadonlySet<ResolvedFilter["op"]> = new Set(["is_null", "not_true", "unmatched"]);

/** Whether a node is another, or hangs below it. */
function isWithin(node: Node, other: Node): boolean {
  for (let n: Node | undefined = node; n !== undefined; n = n.parent) if (n === other) return true;
  return false;
}

/** Filters that compare a value; that a row is there is what its join says. */
function compared(filters: readonly ResolvedFilter[]): readonly ResolvedFilter[] {
  return filters.filter((f) => f.op !== "matched");
}

/** The first node on the way down from the anchor by which a row may have several. */
function branchTop(node: Node): Node | undefined {
  if (node.single) return undefined;
  let top = node;
  while (top.parent !== undefined && !top.parent.single) top = top.parent;
  return top;
}

function cardinality(link: Link, forward: boolean): AnswerJoin["cardinality"] {
  if (link.uniqueFrom && link.uniqueTo) return "1:1";
  if (!link.uniqueFrom && !link.uniqueTo) return "n:m";
  return forward === link.uniqueTo ? "n:1" : "1:n";
}

/** A name for a table of the statement's own that no table of the schema has: it would stand in its place. */
export function freeName(wanted: string, context: Pick<PathContext, "graph">, taken: readonly string[] = []): string {
  let name = wanted;
  const used = (n: string) => taken.includes(n) || context.graph.tables.some((t) => t.name.toLowerCase() === n);
  for (let i = 2; used(name); i++) name = `${wanted}_${i}`;
  return name;
}

/** A table's name in a statement; the default schema left out. */
export function tableSql(context: PathContext, table: number, dialect: Dialect): string {
  const named = context.graph.tables[table];
  if (named === undefined) throw new Error(`no table ${table}`);
  const bare = dialect.name_(named.name);
  return named.schema === context.defaultSchema ? bare : `${dialect.name_(named.schema)}.${bare}`;
}
