/** Runs a worker module on a thread of its own. */

import { Worker } from "node:worker_threads";

/** `worker`: the module's address; what it is given is its `workerData`, its first message is the answer. */
export function onThread<Answer>(worker: URL, given: unknown): Promise<Answer> {
  // A thread of Node 20 does not inherit the loader of TypeScript.
  const start = `import("tsx/esm/api").then((tsx) => { tsx.register(); return import(${JSON.stringify(worker.href)}); })`;
  return new Promise((resolve, reject) => {
    const thread = new Worker(start, { eval: true, workerData: given });
    thread.once("message", resolve);
    thread.once("error", reject);
  });
}
