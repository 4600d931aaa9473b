/** What the catalog is told about a source, and how it is asked for one. Types alone. */

import type { Connector } from "../databases/connector.js";
import type { LiveSchema } from "./live.js";
import type { DiscoverySettings } from "./settings.js";

export interface CatalogSource {
  readonly name: string;
  readonly connector: Connector;
  /** Schemas to read; default: all but system schemas. */
  readonly schemas?: readonly string[];
  /** Says where the source is, without secrets (a hash of its URL will do): a kept schema of another place is not served. */
  readonly locator?: string;
  readonly settings: DiscoverySettings;
}

export interface LiveOptions {
  /** A look that begins now, and wait for the answer; accepts a held mass disappearance. */
  readonly refresh?: boolean;
  /** With `refresh`: a held mass disappearance stays held; for whoever looks by itself, not because a person asked. */
  readonly hold?: boolean;
  /** With `refresh`: what alone changed, where the database has said so (`ChangeSignal.relations`). */
  readonly told?: readonly string[];
  readonly signal?: AbortSignal;
  progress?(done: number, total: number | undefined, message: string): void;
}

/** Called after a swap: first discovery (`before` absent), a changed schema, or the same schema with fresh statistics and links. */
export type OnSwap = (before: LiveSchema | undefined, after: LiveSchema) => void;
