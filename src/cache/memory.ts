/** The memory tier's store: a Map that keeps to a number of bytes by dropping what was used longest ago. Sizes are told by whoever sets. Not durable. */

export interface Sized {
  /** What the entry takes, bytes (of its JSON; the heap takes two to three times that). */
  readonly bytes: number;
}

/** keyv takes any Map as a store; entries are handed to `onDrop` when they go, however they go. */
export class LruStore<V extends Sized> extends Map<string, V> {
  bytes = 0;
  evictions = 0;
  readonly #maxBytes: number;
  readonly #onDrop: (key: string, value: V) => void;

  constructor(maxBytes: number, onDrop: (key: string, value: V) => void) {
    super();
    this.#maxBytes = maxBytes;
    this.#onDrop = onDrop;
  }

  override get(key: string): V | undefined {
    const value = super.get(key);
    if (value === undefined) return undefined;
    super.delete(key); // a Map keeps the order of insertion: put last, it is dropped last
    super.set(key, value);
    return value;
  }

  override set(key: string, value: V): this {
    this.delete(key);
    super.set(key, value);
    this.bytes += value.bytes;
    for (const oldest of this.keys()) {
      if (this.bytes <= this.#maxBytes) break;
      this.delete(oldest);
      this.evictions += 1;
    }
    return this;
  }

  override delete(key: string): boolean {
    const value = super.get(key);
    if (value === undefined) return false;
    super.delete(key);
    this.bytes -= value.bytes;
    this.#onDrop(key, value);
    return true;
  }

  override clear(): void {
    for (const key of this.keys()) this.delete(key);
  }
}
