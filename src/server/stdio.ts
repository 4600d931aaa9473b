/** MCP over stdin and stdout. stdout carries the protocol alone; logs go to stderr. */

import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createProtocolServer, type Ready } from "./protocol.js";

/** The first message is waited for so long before the app is made all the same, ms. */
const quietMs = 250;

/**
 * Serves until the client closes its end; `onEnd` is told then. Making the app keeps the process busy, so it begins when the first message
 * (`initialize`) has been answered.
 */
export function startStdio(
  version: string,
  makeApp: () => Promise<Ready>,
  onEnd: () => void,
): { close(): Promise<void> } {
  process.stdin.once("end", onEnd);
  process.stdin.once("close", onEnd);
  let begin: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    begin = resolve;
  }).then(makeApp);
  process.stdin.once("data", () => setImmediate(begin));
  setTimeout(begin, quietMs).unref();
  return serveStdio(() => createProtocolServer(version, ready), {
    onerror: (cause) => void ready.then(({ app }) => app.emit({ event: "failure", where: "stdio", cause })),
  });
}
