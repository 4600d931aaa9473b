/** Learns one affinity model on a thread of its own: what it is given is what `learnAffinity` takes, what it posts is the model. */

import { parentPort, workerData } from "node:worker_threads";
import { learnAffinity } from "./train-affinities.js";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
parentPort?.postMessage(learnAffinity(...(workerData as Parameters<typeof learnAffinity>)));
