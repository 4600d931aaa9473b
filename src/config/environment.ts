/** The one place that reads the process's environment, folders and files for configuration. */

import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { SextantError } from "../issue.js";
import type { LoadInputs } from "./load.js";

/** What `loadConfig` wants of the world, from this process. */
export function processInputs(): Omit<LoadInputs, "argvFlags"> {
  return { env: process.env, cwd: process.cwd(), home: homedir(), readFile: readOwnFile };
}

/** Refuses a file that anyone on the machine may write: whoever can, decides what agents may read. */
function readOwnFile(path: string): string {
  const worldWritable = 0o002;
  if ((statSync(path).mode & worldWritable) !== 0) {
    throw new SextantError("bad_config", "everyone may write it; take that right away (chmod o-w)");
  }
  return readFileSync(path, "utf8");
}
