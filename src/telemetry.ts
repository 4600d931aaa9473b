/** The events that exporters turn into metrics, spans and logs. Emitting is all that a room does; nothing here touches the world. */

export type TelemetryEvent =
  | {
      readonly event: "tool_called";
      readonly tool: string;
      readonly elapsedMs: number;
      readonly outcome: "ok" | "issues" | "error";
    }
  | {
      readonly event: "schema_discovered";
      readonly source: string;
      readonly elapsedMs: number;
      readonly tables: number;
      readonly version: string;
    }
  | { readonly event: "discovery_failed"; readonly source: string; readonly code: string; readonly cause: unknown }
  | {
      readonly event: "schema_changed";
      readonly source: string;
      readonly from: string;
      readonly to: string;
      readonly changes: number;
    }
  | {
      readonly event: "query_run";
      readonly source: string;
      readonly elapsedMs: number;
      readonly rows: number;
      readonly truncated: boolean;
    }
  | {
      readonly event: "cache";
      readonly kind: string;
      readonly outcome: "hit" | "miss" | "stale" | "error";
      readonly cause?: unknown;
    }
  | { readonly event: "failure"; readonly where: string; readonly cause: unknown };

export type Emit = (event: TelemetryEvent) => void;

export const silent: Emit = () => undefined;
