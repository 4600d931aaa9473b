/** The effective configuration for people, with the origin of every value that is no default. Secrets are `***`, also inside URLs. Pure. */

import { Document, isScalar, visit } from "yaml";
import { mapLeaves } from "./layers.js";
import type { LoadedConfig } from "./load.js";
import { settingAt } from "./settings.js";

/** Any value of configuration shape with its secrets hidden: what may be logged, stored as a diff, or sent to a client. */
export function hideSecrets(value: unknown): unknown {
  return mapLeaves(value, (leaf, path) => {
    if (leaf === undefined || leaf === null) return leaf;
    if (settingAt(path)?.secret === true) return "***";
    return typeof leaf === "string" ? hideInText(leaf) : leaf;
  });
}

/** Passwords in URLs and in `password=` parameters. */
export function hideInText(text: string): string {
  return text
    .replaceAll(/(:\/\/[^/?#\s:@]*):[^/?#\s]*@/gu, "$1:***@")
    .replaceAll(/((?:^|[?&\s;])(?:ssl)?(?:password|pass|pwd|token|secret)=)[^&\s;#]*/giu, "$1***");
}

/** YAML, which reads back as a configuration file; each set value carries its origin as a comment. */
export function printConfig(loaded: Pick<LoadedConfig, "config" | "origins">): string {
  const document = new Document(hideSecrets(loaded.config));
  visit(document, {
    Pair(_key, pair, ancestors) {
      const path = [...ancestors, pair].flatMap((node) => (isKeyed(node) ? [String(node.key.value)] : [])).join(".");
      const origin = loaded.origins.get(path);
      if (origin !== undefined && isScalar(pair.value)) pair.value.comment = ` ${origin}`;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function isKeyed(node: unknown): node is { readonly key: { readonly value: unknown } } {
  return typeof node === "object" && node !== null && "key" in node && isScalar(node.key);
}
