/** Remembers what a pure function says of an object that is never changed, as long as the object lives. */
export function oncePer<K extends object, V>(of: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const kept = known.get(key);
    if (kept !== undefined) return kept.value;
    const value = of(key);
    known.set(key, { value });
    return value;
  };
}
