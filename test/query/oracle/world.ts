/**
 * Random little worlds: a schema of a few tables linked in every awkward way, and adversarial rows. Everything follows from a seed.
 * Shares nothing with the compiler: a world is plain arrays.
 */

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

export interface WorldLink {
  readonly from: string;
  readonly fromColumns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
  /** False where the key is not unique: a link by evidence alone. */
  readonly unique: boolean;
  /** True where `fromColumns` is unique as well. */
  readonly oneToOne: boolean;
}

export interface WorldTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: "int" | "num" | "text" | "date" }[];
  readonly rows: readonly Row[];
}

export interface World {
  readonly tables: readonly WorldTable[];
  readonly links: readonly WorldLink[];
}

/** mulberry32: a small generator of numbers in [0, 1) that is the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Dice {
  constructor(private readonly next: () => number) {}
  chance(p: number): boolean {
    return this.next() < p;
  }
  below(n: number): number {
    return Math.floor(this.next() * n);
  }
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
}

const texts = ["a", "b", "B", "it's", "x%y", "", "é", "10"];

/** A world of 3 to 6 tables: chains, forks, bridges, two keys to one table, self-references, composite and shared keys. */
export function makeWorld(dice: Dice): World {
  const count = 3 + dice.below(4);
  const drafts = Array.from({ length: count }, (_, i) => ({
    name: `t${i}`,
    key: dice.chance(0.2) ? ["k1", "k2"] : ["id"],
    columns: [] as { name: string; type: "int" | "num" | "text" | "date" }[],
  }));
  const links: WorldLink[] = [];
  for (const d of drafts) {
    d.columns.push(...d.key.map((name) => ({ name, type: "int" as const })));
    d.columns.push(
      { name: "n", type: "int" },
      { name: "v", type: "num" },
      { name: "s", type: "text" },
      { name: "d", type: "date" },
    );
  }
  for (let i = 1; i < count; i++) {
    const targets = dice.chance(0.3) && i > 1 ? [dice.below(i), dice.below(i)] : [dice.below(i)];
    targets.forEach((t, j) => addLink(dice, drafts, links, i, t, `f${i}${j}`));
  }
  if (dice.chance(0.3)) {
    const i = dice.below(count);
    addLink(dice, drafts, links, i, i, "up");
  }
  const rows = drafts.map((d) => makeRows(dice, d));
  for (const link of links) fillLink(dice, link, drafts, rows);
  const tables = drafts.map((d, i) => ({ ...d, rows: (rows[i] ?? []) as readonly Row[] }));
  return { tables, links };
}

interface Draft {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: { name: string; type: "int" | "num" | "text" | "date" }[];
}

function addLink(dice: Dice, drafts: readonly Draft[], links: WorldLink[], i: number, t: number, prefix: string): void {
  const [own, target] = [drafts[i], drafts[t]];
  if (own === undefined || target === undefined) return;
  const soft = i !== t && dice.chance(0.1);
  const shared = !soft && i !== t && own.key.length === 1 && target.key.length === 1 && dice.chance(0.1);
  const toColumns = soft ? ["n"] : target.key;
  const fromColumns = shared ? own.key : toColumns.map((c) => `${prefix}_${c}`);
  if (links.some((l) => l.from === own.name && l.fromColumns.join() === fromColumns.join())) return;
  if (!shared) own.columns.push(...fromColumns.map((name) => ({ name, type: "int" as const })));
  links.push({ from: own.name, fromColumns, to: target.name, toColumns, unique: !soft, oneToOne: shared });
}

function makeRows(dice: Dice, draft: Draft): Record<string, Value>[] {
  const count = dice.chance(0.05) ? 0 : 1 + dice.below(9);
  return Array.from({ length: count }, (_, i) => {
    const row: Record<string, Value> = {};
    for (const c of draft.columns) row[c.name] = null;
    draft.key.forEach((k, j) => {
      row[k] = draft.key.length === 1 ? i + 1 : j === 0 ? 1 + (i % 3) : 1 + Math.floor(i / 3);
    });
    row.n = dice.chance(0.15) ? null : dice.below(5);
    row.v = dice.chance(0.15) ? null : dice.below(80) / 4 - 5;
    row.s = dice.chance(0.15) ? null : dice.pick(texts);
    row.d = dice.chance(0.1)
      ? null
      : `${2023 + dice.below(2)}-${dice.pick(["01", "02", "06", "12"])}-${dice.pick(["01", "15", "28"])}`;
    return row;
  });
}

function fillLink(
  dice: Dice,
  link: WorldLink,
  drafts: readonly Draft[],
  rows: readonly Record<string, Value>[][],
): void {
  if (link.oneToOne) return;
  const own = rows[drafts.findIndex((d) => d.name === link.from)] ?? [];
  const target = rows[drafts.findIndex((d) => d.name === link.to)] ?? [];
  for (const row of own) {
    const hit = target.length > 0 && dice.chance(0.75) ? dice.pick(target) : undefined;
    link.fromColumns.forEach((c, i) => {
      row[c] =
        hit !== undefined ? (hit[link.toColumns[i] ?? ""] ?? null) : dice.chance(0.5) ? null : 90 + dice.below(3);
    });
  }
}
