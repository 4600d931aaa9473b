/** A redis-server of a test's own on a free port, to be killed and stopped at will; and a TCP server that talks nonsense. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { type AddressInfo, connect, createServer } from "node:net";

export interface TestRedis {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Whether the machine has redis-server; says loudly which tests are skipped where it has not. */
export function hasRedis(what: string): boolean {
  const found = spawnSync("redis-server", ["--version"]).status === 0;
  if (!found) process.stderr.write(`SKIPPED: ${what}: no redis-server on this machine\n`);
  return found;
}

export async function startRedis(port?: number): Promise<TestRedis> {
  const chosen = port ?? (await freePort());
  const child = spawn(
    "redis-server",
    ["--port", String(chosen), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],
    { stdio: "ignore" },
  );
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  for (let tries = 0; tries < 200 && !(await accepts(chosen)); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    url: `redis://127.0.0.1:${chosen}`,
    process: child,
    stop: async () => {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** Answers everything with bytes that are no Redis protocol, or (`silent`) not at all. */
export async function startNonsense(kind: "garbage" | "silent"): Promise<{ readonly url: string; stop(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => kind === "garbage" && socket.write("\u0000\u0001HTTP/1.1 200 OK\r\n$-99\r\n*banana\r\n"));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => void server.close() };
}
