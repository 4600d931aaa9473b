/** The version of this package, and where its files are. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Absolute path of a file that ships with the package. */
export const packageFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export const { version } = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as { version: string };
