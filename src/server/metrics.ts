/** Telemetry events as Prometheus metrics, in a registry of their own. */

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { TelemetryEvent } from "../telemetry.js";

export interface Metrics {
  record(event: TelemetryEvent): void;
  text(): Promise<string>;
  readonly contentType: string;
}

const secondsBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const calls = new Histogram({
    name: "sextant_tool_call_seconds",
    help: "Tool calls by tool and outcome.",
    labelNames: ["tool", "outcome"],
    buckets: secondsBuckets,
    registers,
  });
  const discoveries = new Histogram({
    name: "sextant_discovery_seconds",
    help: "Schema discoveries by source.",
    labelNames: ["source"],
    buckets: secondsBuckets,
    registers,
  });
  const tables = new Gauge({
    name: "sextant_tables",
    help: "Tables in the live schema.",
    labelNames: ["source"],
    registers,
  });
  const failures = new Counter({
    name: "sextant_failures_total",
    help: "Failures by place.",
    labelNames: ["where"],
    registers,
  });
  const changes = new Counter({
    name: "sextant_schema_changes_total",
    help: "Schema changes by source.",
    labelNames: ["source"],
    registers,
  });
  const runs = new Histogram({
    name: "sextant_query_run_seconds",
    help: "Statements run by source.",
    labelNames: ["source"],
    buckets: secondsBuckets,
    registers,
  });
  const cache = new Counter({
    name: "sextant_cache_total",
    help: "Cache reads by kind and outcome.",
    labelNames: ["kind", "outcome"],
    registers,
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    record(event) {
      switch (event.event) {
        case "tool_called":
          return calls.observe({ tool: event.tool, outcome: event.outcome }, event.elapsedMs / 1000);
        case "schema_discovered":
          tables.set({ source: event.source }, event.tables);
          return discoveries.observe({ source: event.source }, event.elapsedMs / 1000);
        case "discovery_failed":
          return failures.inc({ where: `discovery:${event.source}` });
        case "schema_changed":
          return changes.inc({ source: event.source }, event.changes);
        case "query_run":
          return runs.observe({ source: event.source }, event.elapsedMs / 1000);
        case "cache":
          return cache.inc({ kind: event.kind, outcome: event.outcome });
        case "failure":
          return failures.inc({ where: event.where });
      }
    },
  };
}
