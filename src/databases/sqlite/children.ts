/**
 * Child processes over the files of one SQLite source: a few, started when first needed, one request each at a time. A request that reaches its deadline or is
 * cancelled costs its child's life (SIGKILL): nothing else stops a native query. The next request starts another.
 */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { SextantError } from "../../issue.js";
import type { AttachedFile, Limits } from "../settings.js";

/** How a request failed inside the child: SQLite's error code and text, or the gate that it did not pass. */
export interface WorkerFailure {
  readonly code?: string;
  readonly message: string;
  readonly gate?: "not_read_only" | "too_large";
}

export class WorkerError extends Error {
  constructor(readonly failure: WorkerFailure) {
    super(failure.message);
  }
}

interface Child {
  readonly process: ChildProcess;
  /** Identity of the files when they were opened: others of the same names need another child. */
  readonly file: string;
}

interface Waiting {
  readonly start: () => void;
  readonly timer: NodeJS.Timeout;
}

const worker = fileURLToPath(new URL("worker.mjs", import.meta.url));

export class Children {
  private readonly idle: Child[] = [];
  private readonly waiting: Waiting[] = [];
  private readonly all = new Set<ChildProcess>();
  private count = 0;
  private serial = 0;
  private closed = false;

  constructor(
    private readonly place: { readonly path: string; readonly attached: readonly AttachedFile[] },
    private readonly limits: Limits,
  ) {}

  /** Sends one request. @throws WorkerError for what SQLite refuses, SextantError `timeout`, `cancelled`. */
  async request<T>(file: string, body: object, timeoutMs: number, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) throw cancelled();
    await this.slot();
    let child: Child | undefined;
    try {
      child = await this.child(file, timeoutMs, signal);
      const answer = await this.ask<T>(child.process, body, timeoutMs, signal);
      this.idle.push(child);
      return answer;
    } catch (cause) {
      if (child !== undefined && cause instanceof WorkerError) this.idle.push(child);
      throw cause;
    } finally {
      this.count -= 1;
      this.waiting.shift()?.start();
    }
  }

  close(): void {
    this.closed = true;
    for (const child of this.all) child.kill("SIGKILL");
  }

  private async slot(): Promise<void> {
    if (this.closed) throw new SextantError("source_unreachable", "The source has been closed.");
    if (this.count >= this.limits.poolMax) {
      await new Promise<void>((resolve, reject) => {
        const waiting: Waiting = {
          start: () => {
            clearTimeout(waiting.timer);
            resolve();
          },
          timer: setTimeout(() => {
            this.waiting.splice(this.waiting.indexOf(waiting), 1);
            reject(
              new SextantError("source_unreachable", "No process for this database came free in time.", {
                help: "Try again in a moment.",
              }),
            );
          }, this.limits.connectTimeoutMs),
        };
        this.waiting.push(waiting);
      });
    }
    this.count += 1;
  }

  private async child(file: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<Child> {
    for (let known = this.idle.pop(); known !== undefined; known = this.idle.pop()) {
      if (known.file === file && known.process.connected) return known;
      known.process.kill("SIGKILL");
    }
    const child = fork(worker, [], {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
      env: {},
    });
    this.all.add(child);
    child.once("exit", () => this.all.delete(child));
    child.on("error", () => child.kill("SIGKILL")); // "exit" follows, and fails what it was asked
    const body = { op: "open", ...this.place, heapBytes: this.limits.heapBytes };
    try {
      await this.ask(child, body, Math.max(timeoutMs, this.limits.connectTimeoutMs), signal);
    } catch (cause) {
      child.kill("SIGKILL");
      throw cause;
    }
    return { process: child, file };
  }

  private ask<T>(child: ChildProcess, body: object, timeoutMs: number, signal: AbortSignal | undefined): Promise<T> {
    this.serial += 1;
    const id = this.serial;
    child.ref();
    child.channel?.ref();
    return new Promise<T>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        child.removeListener("message", onMessage);
        child.removeListener("exit", onExit);
        child.unref();
        child.channel?.unref();
        finish();
      };
      const kill = (why: SextantError) => {
        child.kill("SIGKILL");
        settle(() => reject(why));
      };
      const onMessage = (message: unknown) => {
        const reply = message as { readonly id: number; readonly answer?: T; readonly failure?: WorkerFailure };
        if (reply.id !== id) return;
        settle(() =>
          reply.failure === undefined ? resolve(reply.answer as T) : reject(new WorkerError(reply.failure)),
        );
      };
      const onExit = () =>
        settle(() =>
          reject(
            new SextantError("source_unreachable", "The process that reads this database ended unexpectedly.", {
              help: "Try again: another one is started.",
            }),
          ),
        );
      const onAbort = () => kill(cancelled());
      const timer = setTimeout(() => kill(timedOut(timeoutMs)), timeoutMs);
      signal?.addEventListener("abort", onAbort, { once: true });
      child.on("message", onMessage);
      child.once("exit", onExit);
      child.send({ ...body, id }, (cause) => {
        if (cause !== null) settle(() => reject(cause));
      });
    });
  }
}

function cancelled(): SextantError {
  return new SextantError("cancelled", "The caller cancelled the call.");
}

function timedOut(limitMs: number): SextantError {
  return new SextantError("timeout", `The time limit of ${Math.round(limitMs)} ms was reached.`, {
    help: "Narrow the statement (filters, fewer joins, a LIMIT), or allow more time.",
  });
}
