/**
 * Listens for what the watch triggers announce, on a connection of its own. A heartbeat finds a dead line that TCP would not; a lost line is
 * made again with back-off, and reported as a signal, because what was sent meanwhile is lost: the catalog then looks for itself.
 */

import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { SextantError } from "../../issue.js";
import type { Emit } from "../../telemetry.js";
import type { ChangeSignal, Listening } from "../connector.js";
import { connectionFailure } from "./errors.js";
import { clientConfig, type Sessions } from "./sessions.js";
import { readTriggers } from "./triggers.js";

const heartbeatMs = 5_000;
const heartbeatTimeoutMs = 2_000;
const maxBackOffMs = 32_000;

/** An announcement of our own must come back through a pooler within this, ms. */
const echoMs = 2_000;

/**
 * @throws SextantError where the first connection fails, and `unsupported` where announcements cannot arrive: on a standby, or behind a
 * pooler that gives each transaction another connection. Later losses are mended by themselves.
 */
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
    throw cause instanceof SextantError ? cause : connectionFailure(cause);
  }
  return listener;
}

class Listener implements Listening {
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;
  private stopped = false;
  private hearing = false;
  /** The triggers stood at the last heartbeat: without them a good line is silent. */
  private announced = false;

  constructor(
    private readonly sessions: Sessions,
    private readonly emit: Emit,
    private readonly onSignal: (signal: ChangeSignal) => void,
  ) {}

  async connect(): Promise<void> {
    const client = new Client(clientConfig(this.sessions.settings));
    this.client = client;
    client.on("error", () => undefined); // "end" follows, and is where a loss is handled
    await client.connect();
    await listenOn(client, this.sessions.limits.channel);
    if (await isPooled(client)) await demandEcho(client, this.sessions);
    client.on("notification", (message) => this.onSignal(signalOf(message.payload ?? "")));
    this.announced = await announces(client);
    this.failures = 0;
    this.hearing = true;
    client.once("end", () => this.lost(client));
    this.timer = setTimeout(() => void this.beat(client), heartbeatMs);
  }

  hears(): boolean {
    return this.hearing && this.announced;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.hearing = false;
    clearTimeout(this.timer);
    const { client } = this;
    this.client = undefined;
    if (client === undefined) return;
    await Promise.race([client.end(), wait(heartbeatTimeoutMs)]);
  }

  private async beat(client: Client): Promise<void> {
    const cutter = setTimeout(() => destroy(client), heartbeatTimeoutMs);
    try {
      this.announced = await announces(client);
      if (!this.stopped && this.client === client) this.timer = setTimeout(() => void this.beat(client), heartbeatMs);
    } catch {
      destroy(client); // its "end" starts the reconnection
    } finally {
      clearTimeout(cutter);
    }
  }

  private lost(client: Client): void {
    if (this.stopped || this.client !== client) return;
    this.hearing = false;
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

/** @throws SextantError `unsupported` on a standby, which takes no LISTEN (PostgreSQL manual, 27.4.1). */
async function listenOn(client: Client, channel: string): Promise<void> {
  try {
    await client.query(`LISTEN "${channel.replaceAll('"', '""')}"`);
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    if (code !== readOnlyState) throw cause;
    throw new SextantError("unsupported", "A standby takes no LISTEN; its schema is polled.", { cause });
  }
}

/** Whether both watch triggers fire, for every session, and announce what they see. */
async function announces(client: Client): Promise<boolean> {
  const { complete, quiet } = await readTriggers(client);
  return complete && !quiet;
}

/** SQLSTATE `read_only_sql_transaction`: what a standby answers. */
const readOnlyState = "25006";

/** The server's process is another than the one we were told at the start: something stands between. */
async function isPooled(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_catalog.pg_backend_pid() AS pid");
  return (client as unknown as { readonly processID: number }).processID !== rows[0]?.pid;
}

/** Announces something on a channel of its own from another connection, and waits until it is heard. */
async function demandEcho(client: Client, sessions: Sessions): Promise<void> {
  const channel = `sextant_echo_${randomBytes(8).toString("hex")}`;
  const heard = new Promise<boolean>((resolve) => {
    client.on("notification", (message) => {
      if (message.channel === channel) resolve(true);
    });
    setTimeout(() => resolve(false), echoMs).unref();
  });
  await listenOn(client, channel);
  const other = new Client(clientConfig(sessions.settings));
  other.on("error", () => undefined); // the query that it breaks reports it
  try {
    await other.connect();
    await other.query("SELECT pg_catalog.pg_notify($1, '')", [channel]);
  } finally {
    await other.end();
  }
  if (!(await heard)) {
    throw new SextantError("unsupported", "Announcements do not arrive through this pooler; the schema is polled.", {
      help: "Give the source a direct connection, or a pooler in session mode, to hear of changes at once.",
    });
  }
  client.removeAllListeners("notification");
  await client.query(`UNLISTEN "${channel}"`);
}

/** Payload of the watch triggers: JSON, or anything at all, since every role may notify: it only wakes a re-read. */
function signalOf(payload: string): ChangeSignal {
  const at = new Date().toISOString();
  try {
    const told = JSON.parse(payload) as { by?: unknown; tag?: unknown; objects?: unknown; relations?: unknown };
    const objects = Array.isArray(told.objects)
      ? told.objects.filter((o): o is string => typeof o === "string")
      : undefined;
    return {
      at,
      ...(typeof told.by === "string" ? { author: told.by } : {}),
      ...(typeof told.tag === "string" ? { statement: told.tag } : {}),
      ...(objects === undefined ? {} : { objects }),
      ...(areOids(told.relations) ? { relations: told.relations.map(String) } : {}),
    };
  } catch {
    return { at };
  }
}

function areOids(value: unknown): value is readonly (string | number)[] {
  const isOid = (oid: unknown) => /^[1-9]\d{0,9}$/.test(String(oid)) && Number(oid) <= maxOid;
  return Array.isArray(value) && value.length > 0 && value.every(isOid);
}

/** Oids are unsigned numbers of four bytes (PostgreSQL manual, 8.19). */
const maxOid = 4_294_967_295;

function destroy(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
