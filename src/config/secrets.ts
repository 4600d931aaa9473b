/** Hiding secrets: the settings marked so, and credentials inside any text. Pure. */

import { mapLeaves } from "./layers.js";
import { settingAt } from "./settings.js";

/** Any value of configuration shape with its secrets hidden: what may be logged, stored as a diff, or sent to a client. */
export function hideSecrets(value: unknown): unknown {
  return mapLeaves(value, (leaf, path) => hideValue(path, leaf));
}

/** One value of the setting at `path`. */
export function hideValue(path: readonly string[], value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (settingAt(path)?.secret === true) return "***";
  return typeof value === "string" ? hideInText(value) : value;
}

/** Passwords in URLs and in `password=` parameters. */
export function hideInText(text: string): string {
  return text
    .replaceAll(/(:\/\/[^/?#\s:@]*):[^/?#\s]+@/gu, "$1:***@")
    .replaceAll(/((?:^|[?&\s;])(?:ssl)?(?:password|pass|pwd|token|secret)=)[^&\s;#]+/giu, "$1***");
}
