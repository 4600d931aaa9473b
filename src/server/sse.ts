/** The HTTP+SSE transport of protocol version 2024-11-05: a stream at `/sse`, messages posted to `/messages`. Through the maintenance SDK. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import type { Server } from "@modelcontextprotocol/server";

/** At most this many streams at once. */
const maxStreams = 256;

export interface SseRoutes {
  open(request: IncomingMessage, response: ServerResponse): Promise<void>;
  post(request: IncomingMessage, response: ServerResponse, sessionId: string | null): Promise<void>;
  close(): Promise<void>;
}

export function createSseRoutes(create: () => Server): SseRoutes {
  const streams = new Map<string, SSEServerTransport>();
  return {
    async open(_request, response) {
      if (streams.size >= maxStreams) {
        response.writeHead(503, { "retry-after": "5" }).end("Too many streams.");
        return;
      }
      const transport = new SSEServerTransport("/messages", response);
      streams.set(transport.sessionId, transport);
      response.on("close", () => streams.delete(transport.sessionId));
      await create().connect(transport);
    },
    async post(request, response, sessionId) {
      const transport = streams.get(sessionId ?? "");
      if (transport === undefined) {
        response.writeHead(404).end("Unknown or closed stream; open /sse again.");
        return;
      }
      await transport.handlePostMessage(request, response);
    },
    async close() {
      await Promise.all([...streams.values()].map((t) => t.close()));
    },
  };
}
