/** Logs to stderr: JSON lines, or pretty on a terminal. stdout belongs to the protocol. Statements and values are never logged here. */

import { pino } from "pino";
import pretty from "pino-pretty";
import { SextantError } from "../issue.js";
import type { TelemetryEvent } from "../telemetry.js";

export type Log = (event: TelemetryEvent) => void;

export interface LogSettings {
  readonly level: string;
  /** Calls above this are logged as slow, ms. */
  readonly slowCallMs: number;
}

export function createLog(settings: LogSettings): Log {
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true })
    : pino.destination({ fd: 2, sync: false });
  const log = pino({ level: settings.level, base: { name: "sextant" } }, stream);
  return (event) => {
    switch (event.event) {
      case "failure":
        return log.error({ where: event.where, ...describe(event.cause) }, "failure");
      case "discovery_failed":
        return log.warn({ source: event.source, code: event.code, ...describe(event.cause) }, "discovery failed");
      case "schema_discovered":
      case "schema_changed":
        return log.info(event, event.event.replace("_", " "));
      case "tool_called": {
        const level = event.outcome === "error" ? "error" : event.elapsedMs > settings.slowCallMs ? "warn" : "debug";
        return log[level](event, event.elapsedMs > settings.slowCallMs ? "slow call" : "call");
      }
      default:
        return log.debug(event, event.event);
    }
  };
}

/** An error for the log: its code, message, stack, and what caused it. */
function describe(cause: unknown): object {
  if (cause instanceof SextantError) {
    return {
      code: cause.code,
      message: cause.message,
      ...(cause.cause === undefined ? {} : { cause: describe(cause.cause) }),
    };
  }
  if (cause instanceof Error) return { message: cause.message, stack: cause.stack };
  return { message: String(cause) };
}
