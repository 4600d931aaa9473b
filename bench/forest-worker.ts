/** Grows one forest on a thread of its own: what it is given is what `trainForest` takes, what it posts is the forest. */

import { parentPort, workerData } from "node:worker_threads";
import { trainForest } from "./forest-training.js";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
parentPort?.postMessage(trainForest(...(workerData as Parameters<typeof trainForest>)));
