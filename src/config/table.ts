/** The README's table of settings, made from the schema, so that it cannot tell anything else. Pure. */

import { settings } from "./settings.js";

/** Markdown: every setting with its default and meaning; `↻` marks what takes effect at the next start. */
export function settingsTable(): string {
  const rows = settings.map(({ path, default: fallback, description, restart }) =>
    [`\`${path}\`${restart ? " ↻" : ""}`, shown(fallback), description.replaceAll("|", "\\|")].join(" | "),
  );
  return ["| Setting | Default | Meaning |", "|---|---|---|", ...rows.map((row) => `| ${row} |`)].join("\n");
}

function shown(fallback: unknown): string {
  if (fallback === undefined) return "";
  const text = JSON.stringify(fallback);
  const longest = 40;
  return text.length <= longest ? `\`${text}\`` : `${(fallback as readonly unknown[]).length} words`;
}
