/** The last few things that were made of an index, by what they were made for: who asks once asks again soon. */

import type { TermIndex } from "./term-index.js";

export class Recent<T> {
  private readonly made = new WeakMap<TermIndex, Map<string, T>>();

  /** `most`: things kept an index, the latest. */
  constructor(private readonly most: number) {}

  /** What was made for a key, made now where it is not kept. */
  of(index: TermIndex, key: string, make: () => T): T {
    const own = this.made.get(index) ?? new Map<string, T>();
    this.made.set(index, own);
    const known = own.get(key);
    if (known !== undefined) return known;
    const thing = make();
    if (own.size >= this.most) own.delete(own.keys().next().value ?? "");
    own.set(key, thing);
    return thing;
  }
}
