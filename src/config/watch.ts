/**
 * Watches files and says when their contents differ. The folders are watched, not the files (an editor or a ConfigMap replaces a file by a rename,
 * and a watch on the old file then stays silent: faults.md #28), and a slow poll backs the events. Contents are compared by hash, so that
 * noise in the folder costs a read and nothing else. Node's own `fs.watch`, because chokidar 5 drops a second change within 50 ms of the first,
 * which is what an editor that truncates and then writes makes.
 */

import { createHash } from "node:crypto";
import { type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Emit } from "../telemetry.js";

export interface WatchSettings {
  /** Events are gathered for so long, ms. */
  readonly debounceMs: number;
  /** Files are compared so often even without an event, ms. */
  readonly pollMs: number;
}

export interface FileWatch {
  /** Compares now. */
  check(): void;
  stop(): void;
}

/** Calls `onChange` after the contents of any of `files()` (absolute, may differ with time) have changed. */
export function watchFiles(
  files: () => readonly string[],
  settings: WatchSettings,
  onChange: () => void,
  emit: Emit,
): FileWatch {
  const watchers = new Map<string, FSWatcher>();
  let known = print(files());
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    timer = undefined;
    watchFolders();
    const now = print(files());
    if (now === known) return;
    known = now;
    onChange();
  };
  const soon = (): void => {
    timer ??= setTimeout(check, settings.debounceMs); // never put off: a busy file beside must not starve it
  };
  const watchFolders = (): void => {
    for (const folder of folders(files())) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, soon);
        watcher.on("error", (cause) => {
          watcher.close();
          watchers.delete(folder); // the next poll tries anew
          emit({ event: "failure", where: "configuration watch", cause });
        });
        watchers.set(folder, watcher);
      } catch (cause) {
        emit({ event: "failure", where: "configuration watch", cause }); // no such folder, or no watches left: the poll sees changes
      }
    }
  };
  watchFolders();
  const poll = setInterval(check, settings.pollMs);
  poll.unref();
  return {
    check,
    stop: () => {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function folders(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => dirname(file)))];
}

/** One hash over all contents; a file that is missing counts as such. */
function print(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`\0${file}\0`);
    try {
      hash.update(readFileSync(file));
    } catch {
      hash.update("\0missing");
    }
  }
  return hash.digest("hex");
}
