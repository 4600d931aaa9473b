/** Words that say that something has not happened yet. Pure. */

/** What is still to happen, by what then has happened. */
export const undoneWords: ReadonlyMap<string, readonly string[]> = new Map([
  ["open", ["closed", "resolved"]],
  ["outstanding", ["paid", "settled"]],
  ["ongoing", ["ended", "completed", "finished"]],
]);

/** "paid" of "unpaid", "active" of "inactive"; a word without a negation before it as it is. */
export const withoutNegation = (word: string): string => word.replace(/^(?:un|in|non-?)(?=.{3})/, "");
