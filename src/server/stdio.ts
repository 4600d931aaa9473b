/** MCP over stdin and stdout. stdout carries the protocol alone; logs go to stderr. */

import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createProtocolServer, type Ready } from "./protocol.js";

/** Serves until the client closes its end; `onEnd` is told then. Answers `initialize` before the app is ready. */
export function startStdio(version: string, ready: Promise<Ready>, onEnd: () => void): { close(): Promise<void> } {
  process.stdin.once("end", onEnd);
  process.stdin.once("close", onEnd);
  return serveStdio(() => createProtocolServer(version, ready), {
    onerror: (cause) => void ready.then(({ app }) => app.emit({ event: "failure", where: "stdio", cause })),
  });
}
