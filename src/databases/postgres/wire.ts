/**
 * The two things that node-postgres has no call for: reading rows of our own catalog statements without its per-row objects, and
 * asking what a statement would return without running it. Both speak the extended protocol only: one statement, never two.
 * Source: PostgreSQL manual, 55.2.3 "Extended Query" and 55.2.8 "Canceling Requests in Progress".
 */

import { connect } from "node:net";
import type { ClientBase, Connection } from "pg";

/** A row as it came: text, or null. */
export type RawRow = readonly (string | null)[];

export interface WireField {
  readonly name: string;
  readonly tableID: number;
  readonly columnID: number;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

type Settle<T> = { readonly resolve: (value: T) => void; readonly reject: (cause: unknown) => void };

/** node-postgres routes the connection's messages to these; see its `lib/client.js`. */
abstract class Exchange<T> {
  callback = () => undefined; // node-postgres wants one; we settle a promise instead
  protected failure: unknown;
  constructor(private readonly settle: Settle<T>) {}
  abstract submit(connection: Connection): void;
  protected abstract result(): T;
  handleRowDescription(_message: { readonly fields: readonly WireField[] }): void {}
  handleDataRow(_message: { readonly fields: RawRow }): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(connection: Connection & { sendCopyFail(text: string): void }): void {
    connection.sendCopyFail("not here");
  }
  handleCopyData(): void {}
  handleError(cause: unknown): void {
    this.failure ??= cause;
    this.settle.reject(cause);
  }
  handleReadyForQuery(): void {
    if (this.failure === undefined) this.settle.resolve(this.result());
  }
}

/** One of our own statements, and who takes its rows as they arrive. */
export interface RowRequest {
  readonly sql: string;
  readonly params: readonly (string | null)[];
  onRow(row: RawRow): void;
  /** After its last row. */
  onEnd?(): void;
}

/** Statements sent at once and answered in their order: one round trip, and the server works while we read. The first failure ends all. */
class RowExchange extends Exchange<void> {
  private at = 0;
  constructor(
    private readonly requests: readonly RowRequest[],
    settle: Settle<void>,
  ) {
    super(settle);
  }
  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    for (const { sql, params } of this.requests) {
      connection.parse({ text: sql, name: "", types: [] }, true);
      connection.bind({ values: [...params] }, true);
      connection.execute({}, true);
    }
    connection.sync();
    stream.uncork();
  }
  override handleDataRow(message: { readonly fields: RawRow }): void {
    if (this.failure !== undefined) return;
    try {
      this.requests[this.at]?.onRow(message.fields);
    } catch (cause) {
      this.handleError(cause);
    }
  }
  override handleCommandComplete(): void {
    if (this.failure !== undefined) return;
    try {
      this.requests[this.at]?.onEnd?.();
    } catch (cause) {
      this.handleError(cause);
    }
    this.at += 1;
  }
  protected result(): void {}
}

/** What a statement would return and take; nothing is executed. */
export interface Described {
  readonly fields: readonly WireField[];
  readonly parameterTypes: readonly number[];
}

class DescribeExchange extends Exchange<Described> {
  private fields: readonly WireField[] = [];
  private parameterTypes: readonly number[] = [];
  private connection: Connection | undefined;
  // node-postgres routes no such message to a query.
  private readonly onParameters = (message: { readonly dataTypeIDs: readonly number[] }) => {
    this.parameterTypes = message.dataTypeIDs;
  };
  constructor(
    private readonly sql: string,
    settle: Settle<Described>,
  ) {
    super(settle);
  }
  submit(connection: Connection): void {
    this.connection = connection;
    connection.once("parameterDescription", this.onParameters);
    const { stream } = connection;
    stream.cork();
    connection.parse({ text: this.sql, name: "", types: [] }, true);
    connection.describe({ type: "S", name: "" }, true);
    connection.sync();
    stream.uncork();
  }
  override handleRowDescription(message: { readonly fields: readonly WireField[] }): void {
    this.fields = message.fields;
  }
  /** A statement that is refused has no parameter description: the listener would wait for the next one's. */
  override handleError(cause: unknown): void {
    this.connection?.removeListener("parameterDescription", this.onParameters);
    super.handleError(cause);
  }
  protected result(): Described {
    return { fields: this.fields, parameterTypes: this.parameterTypes };
  }
}

/** Runs fixed statements in one round trip. */
export function eachOf(client: ClientBase, requests: readonly RowRequest[]): Promise<void> {
  if (requests.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    client.query(new RowExchange(requests, { resolve, reject }));
  });
}

/** Runs one fixed statement and hands each row to `onRow` as it arrives. */
export function eachRow(
  client: ClientBase,
  sql: string,
  params: readonly (string | null)[],
  onRow: (row: RawRow) => void,
): Promise<void> {
  return eachOf(client, [{ sql, params, onRow }]);
}

export async function allRows(
  client: ClientBase,
  sql: string,
  params: readonly (string | null)[] = [],
): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  await eachRow(client, sql, params, (row) => rows.push(row));
  return rows;
}

export function describe(client: ClientBase, sql: string): Promise<Described> {
  return new Promise((resolve, reject) => {
    client.query(new DescribeExchange(sql, { resolve, reject }));
  });
}

interface Internals {
  readonly processID: number | null;
  readonly secretKey: number | null;
  readonly host: string;
  readonly port: number;
  readonly connection: { readonly stream: { destroy(): void; on(e: "data", f: (b: Buffer) => void): void } };
}

function internals(client: ClientBase): Internals {
  return client as unknown as Internals;
}

/** Asks the server to stop what `client` runs now: no pool slot, no credentials, 16 bytes on a connection of its own. Never throws. */
export function cancelOn(client: ClientBase): Promise<void> {
  const { processID, secretKey, host, port } = internals(client);
  if (processID === null || secretKey === null) return Promise.resolve();
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80877102, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  return new Promise((resolve) => {
    const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    const end = () => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(1_000, end);
    socket.on("error", end); // the watchdog that destroys the connection is the second wall
    socket.on("close", () => resolve());
    socket.on("connect", () => socket.end(message));
    socket.resume();
  });
}

/** Cuts the connection at once, without a farewell that a stuck server would never read. */
export function cutOff(client: ClientBase): void {
  internals(client).connection.stream.destroy();
}

/** Counts the bytes that arrive from the server from now on. */
export function countBytes(client: ClientBase, onBytes: (count: number) => void): () => void {
  const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream } }).connection;
  const listener = (chunk: Buffer) => onBytes(chunk.length);
  stream.on("data", listener);
  return () => stream.removeListener("data", listener);
}
