/**
 * Which entries depend on what, and whether that has changed since. Each tag of a source has a token, drawn anew when the tag is invalidated; an entry
 * remembers the tokens it was loaded under and is good while they are the present ones. Random tokens need no read before write, so
 * replicas cannot lose one another's invalidations.
 */

import { randomBytes } from "node:crypto";
import type { SharedTier } from "./shared.js";

/** By tag. `*` is in every entry; `**` in entries that depend on all tables. */
export type Tokens = Readonly<Record<string, string>>;

export interface Tags {
  /** A moment to compare with: `tokens` tells whether something was invalidated since. */
  moment(): number;
  /** The present tokens of `names`; undefined where one of them was renewed after `since`. */
  tokens(source: string, names: readonly string[], since: number): Tokens | undefined;
  /** Whether these are still the present tokens, as far as is known here. */
  hold(source: string, tokens: Tokens): boolean;
  /** Asks the shared tier for the present tokens. */
  refresh(source: string, names: readonly string[]): Promise<void>;
  renew(source: string, names: readonly string[]): void;
  /** Keeps count of which entries have which tag, so that dropping finds exactly them. */
  note(source: string, names: readonly string[], id: string): void;
  forget(source: string, names: readonly string[], id: string): void;
  onDrop(listener: (ids: readonly string[]) => void): void;
}

interface Message {
  readonly source: string;
  readonly tokens: Tokens;
}

/** Longer than any entry lives, so that a token is there as long as an entry that must be compared with it. */
const tokenTtlMs = 32 * 86_400_000;
/** An entry with more tags than this counts as depending on all. */
const maxTags = 200;

export function createTags(shared: SharedTier | undefined): Tags {
  const present = new Map<string, string>();
  const renewedAt = new Map<string, number>();
  const members = new Map<string, Set<string>>();
  let drop: (ids: readonly string[]) => void = () => undefined;
  let clock = 0;
  const nameOf = (source: string, tag: string): string =>
    `tag/${encodeURIComponent(source)}/${encodeURIComponent(tag)}`;

  const take = (source: string, tokens: Tokens): void => {
    clock += 1;
    for (const [tag, token] of Object.entries(tokens)) {
      const name = nameOf(source, tag);
      if (present.get(name) === token) continue;
      present.set(name, token);
      renewedAt.set(name, clock);
      drop([...(members.get(name) ?? [])]);
    }
  };

  shared?.onMessage((text) => {
    const message = messageOf(text);
    if (message !== undefined) take(message.source, message.tokens);
  });

  return {
    moment: () => clock,
    tokens: (source, names, since) => {
      const tags = ["*", ...(names.length > maxTags || names.includes("*") ? ["**"] : new Set(names))];
      if (tags.some((tag) => (renewedAt.get(nameOf(source, tag)) ?? 0) > since)) return undefined;
      return Object.fromEntries(tags.map((tag) => [tag, present.get(nameOf(source, tag)) ?? ""]));
    },
    hold: (source, tokens) =>
      Object.entries(tokens).every(([tag, token]) => (present.get(nameOf(source, tag)) ?? "") === token),
    refresh: async (source, names) => {
      const found = await shared?.get(names.map((tag) => nameOf(source, tag)));
      const tokens = names.flatMap((tag, index) =>
        typeof found?.[index] === "string" ? [[tag, found[index]] as const] : [],
      );
      take(source, Object.fromEntries(tokens));
    },
    renew: (source, names) => {
      // Any change of tables also touches what depends on all of them.
      const tags = names.includes("*") ? ["*"] : [...new Set([...names, "**"])];
      const tokens = Object.fromEntries(tags.map((tag) => [tag, randomBytes(9).toString("base64url")]));
      take(source, tokens);
      for (const [tag, token] of Object.entries(tokens)) shared?.set(nameOf(source, tag), token, tokenTtlMs);
      shared?.publish(JSON.stringify({ source, tokens }));
    },
    note: (source, names, id) => {
      for (const tag of names) {
        const name = nameOf(source, tag);
        const ids = members.get(name) ?? new Set();
        members.set(name, ids.add(id));
      }
    },
    forget: (source, names, id) => {
      for (const tag of names) {
        const name = nameOf(source, tag);
        members.get(name)?.delete(id);
        if (members.get(name)?.size === 0) members.delete(name);
      }
    },
    onDrop: (listener) => {
      drop = listener;
    },
  };
}

/** Anyone who can reach the server can announce: what is no announcement of ours is ignored. The worst a forged one does is a miss. */
function messageOf(text: string): Message | undefined {
  try {
    const { source, tokens } = JSON.parse(text) as Partial<Message>;
    const fits =
      typeof source === "string" &&
      typeof tokens === "object" &&
      tokens !== null &&
      Object.values(tokens).every((token) => typeof token === "string");
    return fits ? { source, tokens } : undefined;
  } catch {
    return undefined;
  }
}
