/** What the query builder is told. The configuration's `query` section mirrors these in snake_case. */

export interface QuerySettings {
  /** An inferred link is used only at this confidence or above, 0 to 1. */
  readonly minLinkConfidence: number;
  /** A term whose best match is less certain than this is asked back, 0 to 1. */
  readonly minTermConfidence: number;
  /** A reading of all terms is taken without asking where it is this many times as probable as the next one. */
  readonly clearlyBetter: number;
  /** Links in the longest join tree that is looked for. */
  readonly maxJoins: number;
  /** Options that a question back lists; the rest is counted. */
  readonly maxOptions: number;
  /** IANA name of the zone in which moments are cut to days and longer. */
  readonly timeZone: string;
  /** First day of the fiscal year, `MM-DD` or a month's number. */
  readonly fiscalYearStart: string;
  /** Whether rows marked deleted by convention are left out. */
  readonly softDeletes: boolean;
}

export const defaultQuerySettings: QuerySettings = {
  minLinkConfidence: 0.9,
  minTermConfidence: 0.5,
  clearlyBetter: 1.25,
  maxJoins: 12,
  maxOptions: 8,
  timeZone: "UTC",
  fiscalYearStart: "01-01",
  softDeletes: true,
};
