/** A change before it is judged and named, and the notebook that the comparing functions write into. */

import type { Sequence } from "../schema/snapshot.js";
import type { Place, Restated } from "./change.js";
import type { ChangeKind } from "./kinds.js";

export interface Draft {
  readonly kind: ChangeKind;
  readonly place: Place;
  readonly formerPlace?: Place;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly recreated?: true;
  readonly displaced?: true;
  readonly sequences?: readonly Sequence[];
}

export interface Notebook {
  readonly drafts: Draft[];
  readonly restated: Restated[];
}

export function emptyNotebook(): Notebook {
  return { drafts: [], restated: [] };
}
