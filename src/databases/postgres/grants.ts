/** Privileges from their raw form, `{alice=arw/bob,=r/bob}`. Source: PostgreSQL manual, 5.8 "Privileges", table 5.1. */

const letters: Readonly<Record<string, string>> = {
  r: "SELECT",
  a: "INSERT",
  w: "UPDATE",
  d: "DELETE",
  D: "TRUNCATE",
  x: "REFERENCES",
  t: "TRIGGER",
  m: "MAINTAIN",
  X: "EXECUTE",
  U: "USAGE",
  C: "CREATE",
};

/** `role:SELECT,INSERT` a role, sorted; PUBLIC is the role without name. Undefined where privileges are the built-in ones. */
export function grantsOf(acl: string | null | undefined): readonly string[] | undefined {
  if (acl === null || acl === undefined) return undefined;
  const byRole = new Map<string, Set<string>>();
  for (const item of arrayItems(acl)) {
    const match = /^("(?:[^"]|"")*"|[^=]*)=([A-Za-z*]*)\//.exec(item ?? "");
    if (match === null) continue;
    const role = (match[1] ?? "").replace(/^"|"$/g, "").replaceAll('""', '"') || "PUBLIC";
    const known = byRole.get(role) ?? new Set<string>();
    for (const letter of (match[2] ?? "").replaceAll("*", "")) known.add(letters[letter] ?? letter);
    byRole.set(role, known);
  }
  return [...byRole].map(([role, privileges]) => `${role}:${[...privileges].join(",")}`).sort();
}

/** Elements of a one-dimensional array in text form. Source: PostgreSQL manual, 8.15.6 "Array Input and Output Syntax". */
export function arrayItems(text: string): (string | null)[] {
  const items: (string | null)[] = [];
  const element = /"((?:[^"\\]|\\.)*)"|([^{},"]+)/gsy;
  for (let at = 1; at < text.length - 1; at += 1) {
    element.lastIndex = at;
    const match = element.exec(text);
    if (match === null) break;
    items.push(
      match[1] === undefined ? (match[2] === "NULL" ? null : (match[2] ?? "")) : match[1].replace(/\\(.)/gs, "$1"),
    );
    at = element.lastIndex;
  }
  return items;
}
