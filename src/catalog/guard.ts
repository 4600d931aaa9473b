/**
 * The mass-disappearance guard: when most tables are gone at once (a lost grant, another database behind the URL), the loss is held
 * back and reported until a later look confirms it. Pure: time is an argument. It never holds back additions or small drops.
 */

import { type Issue, warning } from "../issue.js";
import { tableKey } from "../schema/names.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import type { GuardSettings } from "./settings.js";

export interface Held {
  /** When the loss was first seen, ms since the epoch. */
  readonly since: number;
  /** How many tables are gone, of how many. */
  readonly lost: number;
  readonly of: number;
}

/** What a look must do about lost tables: `undefined` to go on, else the loss to hold. `confirmed` says a person or agent insists. */
export function heldLoss(
  before: SchemaSnapshot,
  after: SchemaSnapshot,
  known: Held | undefined,
  now: number,
  confirmed: boolean,
  settings: GuardSettings,
): Held | undefined {
  const present = new Set(after.tables.map(tableKey));
  const lost = before.tables.filter((t) => !present.has(tableKey(t))).length;
  if (lost < settings.minLost || lost <= settings.maxLostShare * before.tables.length) return undefined;
  if (known === undefined) return { since: now, lost, of: before.tables.length };
  if (confirmed || now - known.since >= settings.confirmAfterMs) return undefined;
  return { ...known, lost };
}

/** The report of a held loss. */
export function heldIssue(held: Held): Issue {
  return warning(
    "mass_disappearance",
    `${held.lost} of ${held.of} tables were gone at the last look; the schema from before is still served.`,
    {
      help: "If they were dropped on purpose, call discover_schema with refresh: true to accept the loss; else check the role's rights and the URL.",
    },
  );
}
