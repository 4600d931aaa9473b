/**
 * Listens for what the watch triggers announce, on a connection of its own. A heartbeat finds a dead line that TCP would not; a lost line is
 * made again with back-off, and reported as a signal, because what was sent meanwhile is lost: the catalog then looks for itself.
 */

import { Client } from "pg";
import type { Emit } from "../../telemetry.js";
import type { ChangeSignal } from "../connector.js";
import { connectionFailure } from "./errors.js";
import { clientConfig, type Sessions } from "./sessions.js";

const heartbeatMs = 5_000;
const heartbeatTimeoutMs = 2_000;
const maxBackOffMs = 32_000;

export interface Listening {
  stop(): Promise<void>;
}

/** @throws SextantError where the first connection fails; later losses are mended by themselves. */
export async function listen(
  sessions: Sessions,
  emit: Emit,
  onSignal: (signal: ChangeSignal) => void,
): Promise<Listening> {
  const listener = new Listener(sessions, emit, onSignal);
  try {
    await listener.connect();
  } catch (cause) {
    await listener.stop();
    throw connectionFailure(cause);
  }
  return listener;
}

class Listener implements Listening {
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly sessions: Sessions,
    private readonly emit: Emit,
    private readonly onSignal: (signal: ChangeSignal) => void,
  ) {}

  async connect(): Promise<void> {
    const client = new Client(clientConfig(this.sessions.settings));
    this.client = client;
    client.on("error", () => undefined); // "end" follows, and is where a loss is handled
    client.on("notification", (message) => this.onSignal(signalOf(message.payload ?? "")));
    await client.connect();
    await client.query(`LISTEN "${this.sessions.limits.channel.replaceAll('"', '""')}"`);
    this.failures = 0;
    client.once("end", () => this.lost(client));
    this.timer = setTimeout(() => void this.beat(client), heartbeatMs);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const { client } = this;
    this.client = undefined;
    if (client === undefined) return;
    await Promise.race([client.end(), wait(heartbeatTimeoutMs)]);
  }

  private async beat(client: Client): Promise<void> {
    const cutter = setTimeout(() => destroy(client), heartbeatTimeoutMs);
    try {
      await client.query("SELECT 1");
      if (!this.stopped && this.client === client) this.timer = setTimeout(() => void this.beat(client), heartbeatMs);
    } catch {
      destroy(client); // its "end" starts the reconnection
    } finally {
      clearTimeout(cutter);
    }
  }

  private lost(client: Client): void {
    if (this.stopped || this.client !== client) return;
    clearTimeout(this.timer);
    this.client = undefined;
    this.timer = setTimeout(() => void this.again(), Math.min(maxBackOffMs, 100 * 2 ** this.failures));
  }

  private async again(): Promise<void> {
    try {
      await this.connect();
      this.onSignal({ at: new Date().toISOString(), statement: "reconnected" });
    } catch (cause) {
      this.failures += 1;
      this.emit({ event: "failure", where: "postgres: listening", cause });
      const client = this.client;
      if (client !== undefined) {
        destroy(client);
        this.lost(client);
      }
    }
  }
}

/** Payload of the watch triggers: JSON, or anything at all, since every role may notify: it only wakes a re-read. */
function signalOf(payload: string): ChangeSignal {
  const at = new Date().toISOString();
  try {
    const told = JSON.parse(payload) as { by?: unknown; tag?: unknown; objects?: unknown };
    const objects = Array.isArray(told.objects)
      ? told.objects.filter((o): o is string => typeof o === "string")
      : undefined;
    return {
      at,
      ...(typeof told.by === "string" ? { author: told.by } : {}),
      ...(typeof told.tag === "string" ? { statement: told.tag } : {}),
      ...(objects === undefined ? {} : { objects }),
    };
  } catch {
    return { at };
  }
}

function destroy(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
