/**
 * Which links an intent travels: the smallest join tree over its tables, roles by the words of its terms or by pins, and a question
 * where several trees are equally small. Pure. Never guesses between two paths.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import type { Option } from "./answer.js";
import { areLinked, isDetail, isLinkTable, isPlainLink, isSure, type JoinGraph, type Link, linksBy } from "./graph.js";
import type { Intent } from "./intent.js";
import type { Item } from "./resolved.js";
import { extraWords, withRole } from "./roles.js";
import type { QuerySettings } from "./settings.js";
import { ask, refuse } from "./stop.js";
import { smallestTrees, type Tree } from "./trees.js";
import { keyWords, sameStem } from "./words.js";

/** What a path search needs beside the tables. */
export interface PathContext {
  readonly graph: JoinGraph;
  readonly settings: QuerySettings;
  readonly intent: Intent;
  readonly pinnedTables: readonly number[];
  readonly pinnedLinks: ReadonlySet<number>;
  readonly defaultSchema: string;
  /** Trees found so far, by their tables. */
  readonly searched: Map<string, readonly Tree[]>;
  tableRef(table: number): string;
  columnRef(table: number, column: string): string;
  /** Whether every row that holds a link's key refers to one by it, as far as that is known. */
  holdsAll(link: Link): boolean;
  assume(code: string, text: string): void;
}

/** A table as it stands in one join tree; the same table under another role is another node. */
export interface Node {
  readonly table: number;
  readonly parent?: Node;
  readonly link?: Link;
  /** True where the parent holds the key's copy (`link.from`). */
  readonly forward: boolean;
  /** For each row of the anchor at most one row of this node. */
  readonly single: boolean;
  readonly children: Node[];
}

/** A join tree as seen from its anchor. */
export interface Reach {
  readonly root: Node;
  readonly at: ReadonlyMap<Item, Node>;
}

/** The tree from `anchor` to every item. Stops with a question or a refusal. */
export function reachFrom(anchor: number, given: readonly Item[], context: PathContext): Reach {
  const items = given.map((i) => withRole(i, anchor, given, roles(context)));
  const terminals = distinct([anchor, ...items.map(terminalOf)]);
  askAboutTurns(anchor, items, context);
  const chosen = chooseTree(terminals, items, context);
  const tree = byRelations(anchor, byLookups(anchor, chosen, items, context), items, context);
  const reach = orient(anchor, tree, new Map(given.map((item, k) => [item, items[k] ?? item])));
  for (const [item, node] of reach.at) if (!item.place.startsWith("filters")) refuseCircle(node, context);
  return reach;
}

/** Rows by whom others are led to themselves: employees by the manager of projects whose manager they are. */
function refuseCircle({ link, parent }: Node, context: PathContext): void {
  if (link === undefined || parent?.link !== link) return;
  const rows = context.tableRef(link.to);
  const key = linkText(link, context);
  refuse(
    error("unreachable", `Only ${key} leads from rows of ${rows} to others, and back to themselves.`, {
      help: `Name what rows of ${rows} refer to themselves.`,
    }),
  );
}

/**
 * Where the shortest ways look rows up and turn back to many others, and a longer one only looks rows up, which is meant is asked: hours by the project of their
 * task, or by those that their employee manages.
 */
function askAboutTurns(anchor: number, items: readonly Item[], context: PathContext): void {
  if (context.pinnedLinks.size > 0 || context.pinnedTables.length > 0) return;
  for (const item of items) {
    const to = terminalOf(item);
    if (item.via !== undefined || to === anchor) continue;
    const straight = shortestLookups(context.graph, anchor, to, (l) => usable(l, context), context.settings.maxJoins);
    const trees = straight.length === 0 ? [] : treesOver([anchor, to], context);
    const turns = (t: Tree) => turnsBack(orient(anchor, t, new Map()).root, false, context.graph);
    if (trees.length === 0 || !trees.every(turns)) continue;
    if (byWords([...straight, ...trees], [item], context) === undefined) askPath([...straight, ...trees], context);
  }
}

/** The shortest ways by which each row of a table looks up at most one row of another, all of them. */
function shortestLookups(
  graph: JoinGraph,
  from: number,
  to: number,
  usable: (link: Link) => boolean,
  maxLinks: number,
): readonly Tree[] {
  let ways: readonly Tree[] = [[]];
  const seen = new Set([from]);
  for (let length = 1; length <= maxLinks && ways.length > 0; length++) {
    const next = ways.flatMap((way) => {
      const at = way.at(-1)?.to ?? from;
      const links = (graph.at[at] ?? []).filter((l) => l.from === at && l.uniqueTo && !seen.has(l.to) && usable(l));
      return links.map((link) => [...way, link]);
    });
    const found = next.filter((way) => way.at(-1)?.to === to);
    if (found.length > 0) return found;
    for (const way of next) seen.add(way.at(-1)?.to ?? from);
    ways = next;
  }
  return [];
}

/**
 * A table that rows look up by way of another may be looked up by a longer way of other tables: the department of an expense by its order, or by its budget.
 * Which is meant the terms' words or pins say, else the shortest is taken, and told; where some rows have none by it, and all by another, it is asked.
 */
function byLookups(anchor: number, tree: Tree, items: readonly Item[], context: PathContext): Tree {
  if (context.pinnedLinks.size > 0 || context.pinnedTables.length > 0) return tree;
  for (const item of items) {
    const to = terminalOf(item);
    const way = item.via === undefined ? lookupWay(anchor, to, tree) : undefined;
    const others = way === undefined || way.length < 2 ? [] : lookups(anchor, to, way, context);
    if (way === undefined || others.length === 0) continue;
    const said = byWords([way, ...others], [item], context);
    if (said === way) continue;
    if (said !== undefined) return along(said, anchor, items, context);
    const [rows, things] = [context.tableRef(anchor), context.tableRef(to)];
    const leadsAll = (links: Tree) => links.every((l) => context.holdsAll(l));
    if (!leadsAll(way) && others.some(leadsAll)) {
      const text = `Each row of ${rows} has one of ${things} in ${others.length + 1} ways; which one is meant?`;
      askPath([way, ...others], context, text);
    }
    const asText = (links: Tree) => links.map((l) => linkText(l, context)).join(", ");
    const longer = others.map(asText).join("; or ");
    context.assume(
      "join_path",
      `${things} of ${rows} is by ${asText(way)}. A longer way, which \`joins\` can pin: ${longer}.`,
    );
  }
  return tree;
}

/**
 * Rows of a table that rows of another refer to may have to do with a third by several of these: passengers with destinations by their tickets, or by their
 * complaints. Which is meant the terms' words or pins say, else it is asked, unless the others are their very parts, or do no more than link.
 */
function byRelations(anchor: number, tree: Tree, items: readonly Item[], context: PathContext): Tree {
  if (context.pinnedLinks.size > 0 || context.pinnedTables.length > 0) return tree;
  for (const item of items) {
    const to = terminalOf(item);
    const way = relationWay(anchor, to, tree);
    const [first] = way ?? [];
    if (way === undefined || first === undefined || way.length < 2 || isBound(first, context)) continue;
    const others = relations(anchor, to, way, context);
    if (others.length === 0) continue;
    const said = byWords([way, ...others], [item], context);
    if (said === way) continue;
    return along(said ?? askPath([way, ...others], context), anchor, items, context);
  }
  return tree;
}

/** The tree to every item that takes one way as if it were pinned. */
function along(way: Tree, anchor: number, items: readonly Item[], context: PathContext): Tree {
  const pinnedLinks = new Set(way.map((l) => l.id));
  const terminals = distinct([anchor, ...items.map(terminalOf)]);
  return chooseTree(terminals, items, { ...context, pinnedLinks, searched: new Map() });
}

/** Whether the rows that refer to others are parts of these, or say no more than which belong together: their key is made of keys. */
function isBound({ from, to }: Link, { graph }: PathContext): boolean {
  const keys = graph.tables[from]?.primaryKey?.columns ?? [];
  const isOfKeys = isLinkTable(graph, from) && keys.every((column) => linksBy(graph, from, column).length > 0);
  return isOfKeys || isDetail(graph, from, to);
}

/** The links of a tree that lead from rows to the many that refer to them, and on to what these look up; `undefined` where they do not. */
function relationWay(from: number, to: number, tree: Tree): Tree | undefined {
  for (const link of tree.filter((l) => l.to === from && !l.uniqueFrom)) {
    const left = tree.filter((l) => l !== link);
    const rest = lookupWay(link.from, to, left) ?? relationWay(link.from, to, left);
    if (rest !== undefined) return [link, ...rest];
  }
  return undefined;
}

/** Other such ways, by one link more at most, that share none of the tables between with `way`. */
function relations(from: number, to: number, way: Tree, context: PathContext): readonly Tree[] {
  const taken = new Set(way.flatMap((l) => [l.from, l.to]).filter((t) => t !== to));
  const found: Tree[] = [];
  const walk = (table: number, passed: Tree, looksUp: boolean) => {
    for (const link of context.graph.at[table] ?? []) {
      const isUp = link.from === table && link.uniqueTo;
      const isDown = link.to === table && !looksUp;
      const next = link.from === table ? link.to : link.from;
      if (link.from === link.to || !(isUp || isDown) || (isUp && passed.length === 0) || !usable(link, context))
        continue;
      if (next === to && isUp) found.push([...passed, link]);
      const isNew = next !== to && !taken.has(next) && !passed.some((l) => l.from === next || l.to === next);
      if (isNew && passed.length < way.length) walk(next, [...passed, link], isUp);
    }
  };
  walk(from, [], false);
  return found;
}

/** The links of a tree by which each row of `from` looks up at most one row of `to`, in their order; `undefined` where it is no lookup. */
function lookupWay(from: number, to: number, tree: Tree): Tree | undefined {
  if (from === to) return [];
  for (const link of tree.filter((l) => l.from === from && l.uniqueTo)) {
    const rest = lookupWay(
      link.to,
      to,
      tree.filter((l) => l !== link),
    );
    if (rest !== undefined) return [link, ...rest];
  }
  return undefined;
}

/** Other ways to look a table up, by one link more at most, that share none of the tables between with `way`. */
function lookups(from: number, to: number, way: Tree, context: PathContext): readonly Tree[] {
  const taken = new Set(way.flatMap((l) => [l.from, l.to]).filter((t) => t !== to));
  const found: Tree[] = [];
  const walk = (table: number, passed: Tree) => {
    for (const link of context.graph.at[table] ?? []) {
      if (link.from !== table || !link.uniqueTo || !usable(link, context)) continue;
      if (link.to === to && passed.length > 0) found.push([...passed, link]);
      const isNew = link.to !== to && !taken.has(link.to) && !passed.some((l) => l.to === link.to);
      if (isNew && passed.length + 1 < way.length + 1) walk(link.to, [...passed, link]);
    }
  };
  walk(from, []);
  return found.filter((other) => other.length <= way.length + 1);
}

/** The table of which every other table named has at most one row: the most detailed one. `undefined` where there is none. */
export function detailBase(
  named: readonly Item[],
  all: readonly Item[],
  context: PathContext,
): { readonly base: number; readonly named: boolean } | undefined {
  const items = all.map((i) => withRole(i, undefined, all, roles(context)));
  const wanted = items.filter((_, k) => named.includes(all[k] as Item));
  const tree = chooseTree(distinct(items.map(terminalOf)), items, context);
  const core = distinct(wanted.map(terminalOf));
  const kept = prune(tree, new Set(core));
  const tables = distinct([...core, ...kept.flatMap((l) => [l.from, l.to])]);
  const fits = tables.filter((t) => allSingle(orient(t, kept, new Map()).root));
  // Of two tables linked 1:1 the one that holds the key's copy is the more detailed: its rows have a partner, the other's may not.
  const holds = (t: number) => allForward(orient(t, kept, new Map()).root);
  const base = fits.find((t) => core.includes(t) && holds(t)) ?? fits.find((t) => core.includes(t)) ?? fits[0];
  return base === undefined ? undefined : { base, named: core.includes(base) };
}

/** The most detailed of some tables by declared keys, without asking; `undefined` where none or several paths. */
export function mostDetailed(graph: JoinGraph, tables: readonly number[], settings: QuerySettings): number | undefined {
  const terminals = distinct(tables);
  if (terminals.length <= 1) return terminals[0];
  const usable = (l: Link) => isSure(l, settings.minLinkConfidence);
  const trees = smallestTrees(graph, { terminals, usable, maxLinks: settings.maxJoins, maxTrees: 2 });
  const [tree] = trees;
  if (tree === undefined) return undefined;
  const fits = terminals.filter((t) => allSingle(orient(t, tree, new Map()).root));
  return fits.find((t) => allForward(orient(t, tree, new Map()).root)) ?? fits[0];
}

/** Whether rows of two tables have nothing to do with each other but that they belong to the same of a third: a way that leads from many to one, and on to many others. */
export function isAcross(graph: JoinGraph, a: number, b: number, settings: QuerySettings): boolean {
  if (a === b || areLinked(graph, a, b)) return false;
  const usable = (l: Link) => isSure(l, settings.minLinkConfidence);
  if (shortestLookups(graph, a, b, usable, settings.maxJoins).length > 0) return false;
  const trees = smallestTrees(graph, { terminals: [a, b], usable, maxLinks: settings.maxJoins, maxTrees: 2 });
  return trees.length > 0 && trees.every((tree) => turnsBack(orient(a, tree, new Map()).root, false, graph));
}

/** Whether a way that has looked rows up leads on to many that refer to them. */
function turnsBack(node: Node, lookedUp: boolean, graph: JoinGraph): boolean {
  const isLookup = node.link !== undefined && node.forward;
  // What something is of several of lies behind rows that only link: the genres of a title.
  const isPassed = node.children.length > 0 && isPlainLink(graph, node.table);
  if (lookedUp && !isLookup && !node.single && !isPassed) return true;
  return node.children.some((child) => turnsBack(child, lookedUp || isLookup, graph));
}

/** The node of `parent` by a link, made where it is not there yet: a looked-up table under its own role. */
function childBy(parent: Node, link: Link): Node {
  const known = parent.children.find((c) => c.link === link);
  if (known !== undefined) return known;
  const forward = link.from === parent.table;
  const node: Node = {
    table: forward ? link.to : link.from,
    parent,
    link,
    forward,
    single: parent.single && (forward ? link.uniqueTo : link.uniqueFrom),
    children: [],
  };
  parent.children.push(node);
  return node;
}

function orient(anchor: number, tree: Tree, items: ReadonlyMap<Item, Item>): Reach {
  const root: Node = { table: anchor, forward: true, single: true, children: [] };
  const nodes = new Map<number, Node>([[anchor, root]]);
  const left = new Set(tree);
  let grown = true;
  while (grown && left.size > 0) {
    grown = false;
    for (const link of left) {
      const parent = nodes.get(link.from) ?? nodes.get(link.to);
      if (parent === undefined) continue;
      const node = childBy(parent, link);
      nodes.set(node.table, node);
      left.delete(link);
      grown = true;
    }
  }
  const at = new Map<Item, Node>();
  for (const [given, item] of items) {
    const home = nodes.get(terminalOf(item));
    if (home === undefined) continue;
    at.set(given, item.via === undefined ? home : childBy(home, item.via));
  }
  return { root, at };
}

/** The table that a tree must hold for an item: its own, or the one that its role's link leaves from. */
function terminalOf(item: Item): number {
  if (item.via === undefined) return item.table;
  return item.via.to === item.table ? item.via.from : item.via.to;
}

function roles(context: PathContext): Parameters<typeof withRole>[3] {
  return { graph: context.graph, usable: (l) => usable(l, context) };
}

function usable(link: Link, context: PathContext): boolean {
  if (context.pinnedLinks.has(link.id)) return true;
  if (unsure(link, context)) return false;
  // A pin between two tables rules out the other links between them.
  if (context.pinnedLinks.size === 0) return true;
  for (const id of context.pinnedLinks) {
    const pin = context.graph.links[id];
    if (pin !== undefined && distinct([pin.from, pin.to, link.from, link.to]).length <= 2 && link.from !== link.to)
      return false;
  }
  return true;
}

function chooseTree(terminals: readonly number[], items: readonly Item[], context: PathContext): Tree {
  const search = (over: readonly number[]) => treesOver(over, context);
  let trees = search(terminals);
  if (trees.length === 0) noPath(terminals, context);
  const wanted = context.pinnedTables.filter((t) => !terminals.includes(t));
  if (wanted.length > 0 && terminals.length > 1) trees = throughPins(trees, terminals, wanted, context);
  askAboutShortcuts(trees, terminals, context);
  const [only] = trees;
  if (only !== undefined && trees.length === 1) return only;
  return byWords(trees, items, context) ?? askPath(trees, context);
}

/** A guessed link too unsure to be used that would join the tables by fewer steps: which way is meant is asked. */
function askAboutShortcuts(trees: readonly Tree[], terminals: readonly number[], context: PathContext): void {
  const [tree = []] = trees;
  const pinned =
    context.pinnedLinks.size > 0 || context.pinnedTables.some((t) => !terminals.includes(t) && degree(tree, t) > 1);
  if (tree.length < 2 || pinned) return;
  const tables = new Set(tree.flatMap((l) => [l.from, l.to]));
  const across = [...tables].some((t) =>
    (context.graph.at[t] ?? []).some(
      (l) => unsure(l, context) && l.from !== l.to && tables.has(l.from) && tables.has(l.to),
    ),
  );
  if (!across) return;
  const shorter = treesOver(terminals, context, true);
  if ((shorter[0]?.length ?? tree.length) < tree.length) askPath([...shorter, ...trees], context);
}

/** No path of sure links: one over guessed ones is asked about, else the tables cannot be joined. */
function noPath(terminals: readonly number[], context: PathContext): never {
  const guessed = treesOver(terminals, context, true);
  if (guessed.length === 0) refuseUnreachable(terminals, context);
  const names = terminals.map((t) => context.tableRef(t)).join(", ");
  askPath(guessed, context, `No sure link joins ${names}; is this one meant?`);
}

function unsure(link: Link, context: PathContext): boolean {
  return !isSure(link, context.settings.minLinkConfidence);
}

/** The trees that hold the pinned tables, wider ones where none does; of these such as pass through the most of them. */
function throughPins(
  trees: readonly Tree[],
  terminals: readonly number[],
  pins: readonly number[],
  context: PathContext,
): readonly Tree[] {
  const holding = trees.filter((t) => pins.every((p) => degree(t, p) > 0));
  if (holding.length > 0) return holding;
  const wider = treesOver([...terminals, ...pins], context);
  const inner = wider.map((t) => pins.filter((p) => degree(t, p) > 1).length);
  const most = Math.max(0, ...inner);
  return wider.length === 0 || most === 0 ? trees : wider.filter((_, i) => inner[i] === most);
}

/** Pinned tables that lie at the end of what joins the items, where nothing but the pin leads. */
export function pinsBeyond(
  anchor: number | undefined,
  given: readonly Item[],
  pins: readonly Item[],
  context: PathContext,
): readonly Item[] {
  if (pins.length === 0) return [];
  const items = given.map((i) => withRole(i, anchor, given, roles(context)));
  const terminals = distinct([...(anchor === undefined ? [] : [anchor]), ...items.map(terminalOf)]);
  const others = pins.filter((p) => !terminals.includes(p.table) && !given.some((i) => i.table === p.table));
  if (others.length === 0) return [];
  const all = [...terminals, ...others.map((p) => p.table)];
  if (treesOver(all, context).length === 0) noPath(all, context);
  const [tree = []] = throughPins(
    treesOver(terminals, context),
    terminals,
    others.map((p) => p.table),
    context,
  );
  return others.filter((p) => degree(tree, p.table) < 2);
}

function degree(tree: Tree, table: number): number {
  return tree.filter((l) => l.from === table || l.to === table).length;
}

/** The smallest trees over some tables, looked for once a build. */
function treesOver(terminals: readonly number[], context: PathContext, guessing = false): readonly Tree[] {
  const key = `${guessing ? "? " : ""}${terminals.toSorted((a, b) => a - b).join(" ")}`;
  const known = context.searched.get(key);
  if (known !== undefined) return known;
  const trees = smallestTrees(context.graph, {
    terminals,
    usable: (l) => usable(l, context) || (guessing && unsure(l, context)),
    maxLinks: context.settings.maxJoins,
    maxTrees: 32,
    pinned: context.pinnedLinks,
  });
  context.searched.set(key, trees);
  return trees;
}

/** The one tree whose own names the terms say; `undefined` where none or several do. */
function byWords(trees: readonly Tree[], items: readonly Item[], context: PathContext): Tree | undefined {
  const said = distinct(items.flatMap((i) => extraWords(i, context.graph)));
  if (said.length === 0) return undefined;
  const names = trees.map((t) => new Set(t.flatMap((l) => linkWords(l, context))));
  const scores = names.map((own) => {
    const special = [...own].filter((w) => !names.every((n) => n.has(w)));
    return said.filter((s) => special.some((w) => sameStem(s, w))).length;
  });
  const best = Math.max(...scores);
  const fits = trees.filter((_, i) => scores[i] === best);
  return best > 0 && fits.length === 1 ? fits[0] : undefined;
}

function linkWords(link: Link, context: PathContext): readonly string[] {
  const tables = [link.from, link.to].flatMap((t) => nameWords(context.graph.tables[t]?.name ?? ""));
  return [...tables, ...link.fromColumns.flatMap(nameWords)].filter((w) => !keyWords.has(w));
}

function askPath(
  trees: readonly Tree[],
  context: PathContext,
  text = `The tables are linked in ${trees.length} ways; which one is meant?`,
): never {
  const shared = (trees[0] ?? []).filter((l) => trees.every((t) => t.includes(l)));
  const shown = trees.slice(0, context.settings.maxOptions);
  const more = trees.length > shown.length ? ` (${trees.length - shown.length} more paths are not listed)` : "";
  const options = shown.map((tree): Option => {
    const own = trees.length === 1 ? tree : tree.filter((l) => !shared.includes(l));
    const text = (l: Link) => `${linkText(l, context)}${unsure(l, context) ? " (a guess)" : ""}`;
    return { label: own.map(text).join(", "), intent: pinLinks(context.intent, own, context) };
  });
  ask(`${text}${more}`, options);
}

/** `orders.billing_address_id → addresses.id` */
export function linkText(link: Link, context: Pick<PathContext, "columnRef">): string {
  return link.fromColumns
    .map((c, i) => `${context.columnRef(link.from, c)} → ${context.columnRef(link.to, link.toColumns[i] ?? "")}`)
    .join(" and ");
}

function pinLinks(intent: Intent, links: Tree, context: PathContext): Intent {
  const pins = links.flatMap((l) =>
    l.fromColumns.map((c, i) => ({
      from: context.columnRef(l.from, c),
      to: context.columnRef(l.to, l.toColumns[i] ?? ""),
    })),
  );
  return { ...intent, joins: [...(intent.joins ?? []), ...pins] };
}

function refuseUnreachable(terminals: readonly number[], context: PathContext): never {
  const names = terminals.map((t) => context.tableRef(t));
  refuse(
    error("unreachable", `No links join ${names.join(", ")}.`, {
      help: "Pin the join with `joins: [{from, to}]`, or ask about tables that are linked.",
      candidates: names,
    }),
  );
}

/** The tree cut back to what `core` needs. */
function prune(tree: Tree, core: ReadonlySet<number>): Tree {
  let kept = [...tree];
  for (;;) {
    const degree = new Map<number, number>();
    for (const l of kept) for (const t of [l.from, l.to]) degree.set(t, (degree.get(t) ?? 0) + 1);
    const next = kept.filter((l) => [l.from, l.to].every((t) => core.has(t) || (degree.get(t) ?? 0) > 1));
    if (next.length === kept.length) return kept;
    kept = next;
  }
}

function allSingle(node: Node): boolean {
  return node.single && node.children.every(allSingle);
}

function allForward(node: Node): boolean {
  return node.forward && node.children.every(allForward);
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
