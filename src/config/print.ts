/** The effective configuration for people, with the origin of every value that is no default. Secrets are `***`, also inside URLs. Pure. */

import { Document, isScalar, visit } from "yaml";
import type { LoadedConfig } from "./load.js";
import { hideSecrets } from "./secrets.js";

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
