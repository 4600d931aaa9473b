/** What the protocol side needs of the rest: tools, their dependencies, health, and news of schema changes. Types alone. */

import type { Emit } from "../telemetry.js";
import type { Tool, ToolDeps } from "../tools/tool.js";

export interface App {
  readonly version: string;
  readonly tools: readonly Tool[];
  readonly deps: ToolDeps;
  readonly emit: Emit;
  /** Calls back once for every change of a source's schema, after the new schema is served. Returns how to stop. */
  onSchemaChange(listener: (change: SchemaChangeNews) => void): () => void;
  /** Calls back after a change of the configuration or of a glossary is in force. Returns how to stop. */
  onConfigChange(listener: (change: ConfigChangeNews) => void): () => void;
  health(): Health;
}

export interface SchemaChangeNews {
  readonly source: string;
  /** Refs of the tables that the change touches. */
  readonly tables: readonly string[];
  /** Whether tables or views came, went or have other names: other resources exist now. */
  readonly listed: boolean;
}

export interface ConfigChangeNews {
  /** The configuration's version; a glossary's new text leaves it as it was. */
  readonly version: number;
  /** The settings that changed, their values left out; `glossary` for the text of a glossary file. */
  readonly settings: readonly string[];
}

export interface Health {
  /** True when every source has a schema to answer from. */
  readonly ready: boolean;
  readonly sources: readonly SourceHealth[];
}

export interface SourceHealth {
  readonly name: string;
  readonly status: "starting" | "live" | "stale" | "static" | "unreachable";
  readonly version?: string;
  readonly as_of?: string;
}
