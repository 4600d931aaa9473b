/** MCP over stdin and stdout. stdout carries the protocol alone; logs go to stderr. */

import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { App } from "./app.js";
import { createProtocolServer } from "./protocol.js";
import { listTools } from "./tool-calls.js";

/** Serves until the client closes its end; `onEnd` is told then. */
export function startStdio(app: App, onEnd: () => void): { close(): Promise<void> } {
  const listed = listTools(app.tools);
  process.stdin.once("end", onEnd);
  process.stdin.once("close", onEnd);
  return serveStdio(() => createProtocolServer(app, listed), {
    onerror: (cause) => app.emit({ event: "failure", where: "stdio", cause }),
  });
}
