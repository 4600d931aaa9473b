/**
 * Tells a webhook of changes: one JSON object a POST, in order, tried three times, never waited for by what caused it. What cannot be
 * delivered is reported and dropped; so is what would make the line longer than `maxWaiting`.
 */

import type { Emit } from "../telemetry.js";

export interface WebhookSettings {
  readonly url: string;
  /** Wait for one answer, ms. */
  readonly timeoutMs: number;
}

export interface Webhook {
  /** `event` names the kind: `config_changed`, `schema_changed`, `frozen`. Returns at once. */
  send(event: string, body: Readonly<Record<string, unknown>>): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

const attempts = 3;
const firstPauseMs = 200;
const maxWaiting = 1_000;

/** `settings()` is asked at each delivery, so that a reload moves the webhook; undefined sends nothing. */
export function createWebhook(settings: () => WebhookSettings | undefined, emit: Emit): Webhook {
  let line: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    send: (event, body) => {
      if (settings() === undefined) return;
      if (waiting >= maxWaiting)
        return emit({
          event: "failure",
          where: "webhook",
          cause: new Error(`more than ${maxWaiting} messages wait; one was dropped`),
        });
      waiting += 1;
      const text = JSON.stringify({ event, ...body });
      line = line
        .then(() => deliver(text, settings()))
        .catch((cause: unknown) => emit({ event: "failure", where: "webhook", cause }))
        .finally(() => {
          waiting -= 1;
        });
    },
    close: () => line,
  };
}

async function deliver(text: string, settings: WebhookSettings | undefined): Promise<void> {
  if (settings === undefined) return;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await fetch(settings.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: text,
        redirect: "error", // a webhook that moves is for the operator to follow
        signal: AbortSignal.timeout(settings.timeoutMs),
      });
      await answer.body?.cancel();
      if (answer.ok) return;
      throw new Error(`the webhook answered ${answer.status}`);
    } catch (cause) {
      if (attempt === attempts) throw cause;
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** attempt));
    }
  }
}
