/**
 * Streamable HTTP sessions for clients of protocol versions before 2026-07-28, which keep one: a server instance each, expired when
 * idle and capped in number (the longest idle goes first), since an idle one holds some 90 KB.
 */

import { randomUUID } from "node:crypto";
import { type Server, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";

export interface SessionLimits {
  readonly maxSessions: number;
  readonly idleMs: number;
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Requests and streams now open. */
  open: number;
  lastUsed: number;
}

export interface Sessions {
  has(id: string): boolean;
  /** Serves a request of a known session, or an `initialize` that begins one. */
  handle(request: Request, parsedBody: unknown): Promise<Response>;
  readonly size: number;
  close(): Promise<void>;
}

export function createSessions(create: () => Server, limits: SessionLimits, now: () => number): Sessions {
  const sessions = new Map<string, Session>();
  const drop = async (id: string) => {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.transport.close();
  };
  const expire = async () => {
    const bound = now() - limits.idleMs;
    const idle = [...sessions].filter(([, s]) => s.open === 0).sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    const surplus = sessions.size - limits.maxSessions;
    const gone = idle.filter(([, s], place) => s.lastUsed < bound || place < surplus);
    await Promise.all(gone.map(([id]) => drop(id)));
  };
  const timer = setInterval(() => void expire(), Math.max(1_000, limits.idleMs / 4));
  timer.unref();

  const begin = async (): Promise<Session> => {
    const server = create();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: async (id) => {
        sessions.set(id, session);
        await expire();
      },
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const session: Session = { transport, open: 0, lastUsed: now() };
    await server.connect(transport);
    return session;
  };

  return {
    has: (id) => sessions.has(id),
    get size() {
      return sessions.size;
    },
    async handle(request, parsedBody) {
      const id = request.headers.get("mcp-session-id");
      const session = id === null ? await begin() : sessions.get(id);
      if (session === undefined) return unknownSession();
      session.lastUsed = now();
      session.open += 1;
      const done = () => {
        session.open -= 1;
        session.lastUsed = now();
      };
      try {
        const options = parsedBody === undefined ? undefined : { parsedBody };
        const response = await session.transport.handleRequest(request, options);
        return response.body === null ? finished(response, done) : whenRead(response, done);
      } catch (thrown) {
        done();
        throw thrown;
      }
    },
    async close() {
      clearInterval(timer);
      await Promise.all([...sessions.keys()].map(drop));
    },
  };
}

function finished(response: Response, done: () => void): Response {
  done();
  return response;
}

/** The same response, telling when its body was read to the end or given up. */
function whenRead(response: Response, done: () => void): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) return finished(response, done);
  let ended = false;
  const end = () => {
    if (!ended) done();
    ended = true;
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done: last, value } = await reader.read();
      if (value !== undefined) controller.enqueue(value);
      if (last) {
        end();
        controller.close();
      }
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
}

function unknownSession(): Response {
  const error = { code: -32001, message: "Unknown or expired session; initialize again." };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
}
