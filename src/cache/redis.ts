/**
 * Redis as the shared tier. The settings keep a dead or hanging server from holding anybody up: no offline queue (it would replay a timed-out SET after
 * reconnecting, faults.md #3), short time limits, errors as events. Announcements go over a connection of their own.
 */

import KeyvRedis, { createClient } from "@keyv/redis";
import type { Emit } from "../telemetry.js";
import type { CacheSettings } from "./settings.js";
import type { SharedStore } from "./shared.js";

const channel = "sextant:invalidate";
const longestPauseMs = 2_000;

/** Connects in the background; a server that is not there shows in the calls. */
export function openRedis(url: string, settings: CacheSettings, emit: Emit): SharedStore {
  const options = {
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: settings.commandTimeoutMs },
    pingInterval: 10_000, // finds a connection that died without a word
    socket: {
      connectTimeout: settings.connectTimeoutMs,
      reconnectStrategy: (tries: number) => Math.min(longestPauseMs, 50 * 2 ** tries),
    },
  };
  const client = createClient(options);
  const subscriber = createClient(options);
  const report = (cause: unknown): void => emit({ event: "cache", kind: "shared", outcome: "error", cause });
  let wasDown = false;
  client.on("error", (cause: unknown) => {
    if (!wasDown) report(cause); // one report a breakdown, not one a try
    wasDown = true;
  });
  client.on("ready", () => {
    wasDown = false;
  });
  subscriber.on("error", () => undefined); // the same server: `client` reports it
  const listeners = new Set<(message: string) => void>();
  const connected = client.connect().catch(report);
  // The library subscribes again by itself after each reconnection.
  const subscribed = subscriber
    .connect()
    .then(() => subscriber.subscribe(channel, (message) => listeners.forEach((listener) => listener(message))))
    .catch(report);
  const adapter = new KeyvRedis(client, {
    throwOnConnectError: false,
    throwOnErrors: true,
    connectionTimeout: settings.connectTimeoutMs,
    noNamespaceAffectsAll: false,
  });
  return {
    adapter,
    publish: async (message) => {
      await client.publish(channel, message);
    },
    onMessage: (listener) => void listeners.add(listener),
    claim: async (name, ttlMs) => (await client.set(`sextant:claim:${name}`, "1", { NX: true, PX: ttlMs })) === "OK",
    release: async (name) => void (await client.del(`sextant:claim:${name}`)),
    close: async () => {
      client.destroy();
      subscriber.destroy();
      await Promise.all([connected, subscribed]);
    },
  };
}
