/** Which word of a phrase says what kind of thing it is. Pure. */

import type { Token } from "./words.js";

/** Of `places` among the tokens the head: what stands before "of" ("date of birth", "the name of the city"), else the last; -1 of none. */
export function headOf(
  tokens: readonly Token[],
  places: readonly number[],
): { readonly head: number; readonly of: boolean } {
  const of = places.findIndex((t) => tokens[t]?.lower === "of");
  return { head: places[of > 0 ? of - 1 : places.length - 1] ?? -1, of: of > 0 };
}
