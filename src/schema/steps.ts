/**
 * Long computations in steps: a generator that stops now and then, so that whoever runs it may let others go first. Pure: it neither waits nor
 * looks at a clock.
 */

export type Steps<T> = Generator<void, T, void>;

/** Runs all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Maps a list, stopping after every `each` items. */
export function* mapInSteps<T, U>(items: readonly T[], each: number, map: (item: T) => U): Steps<U[]> {
  const mapped: U[] = [];
  for (const item of items) {
    if (mapped.length > 0 && mapped.length % each === 0) yield;
    mapped.push(map(item));
  }
  return mapped;
}
