/** The laws of the house, read from the imports: floors, doors, purity, names. */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const src = resolve(import.meta.dirname, "../../src");

/** Floor of each room and of each file that stands alone. Imports go down or stay in the room. */
const floors: Readonly<Record<string, number>> = {
  "issue.ts": 1,
  "telemetry.ts": 1,
  "package-files.ts": 1,
  schema: 1,
  changes: 2,
  terms: 2,
  sql: 2,
  access: 2,
  query: 3,
  check: 3,
  databases: 4,
  cache: 4,
  state: 4,
  config: 4,
  catalog: 5,
  learning: 5,
  tools: 6,
  client: 6,
  server: 7,
  agents: 7,
  "wire.ts": 8,
  "operate.ts": 9,
  "serve.ts": 9,
  "main.ts": 10,
};

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(src, path), "utf8");
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gmu, "");
  const specifiers = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|^import\s*)"([^"]+)"/gmu);
  return { path, room: path.split("/")[0] ?? path, text: code, imports: [...specifiers].map((m) => m[1] ?? "") };
}

function target(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(src, resolve(src, dirname(file.path), specifier)).replace(/\.js$/u, ".ts");
}

function violations(check: (file: SourceFile) => readonly string[]): readonly string[] {
  return files.flatMap((file) => check(file).map((found) => `${file.path}: ${found}`));
}

const importing = (packages: RegExp, allowed: (path: string) => boolean) =>
  violations((file) => (allowed(file.path) ? [] : file.imports.filter((name) => packages.test(name))));

const within = (...places: readonly string[]) => {
  return (path: string) => places.some((place) => path === place || path.startsWith(`${place}/`));
};

test("the files are read, and every room has a floor", () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((f) => floors[f.room] === undefined).map((f) => f.path)).toEqual([]);
});

describe("law 1: imports go down only, and no circle", () => {
  test("down or within the room", () => {
    const found = violations((file) =>
      file.imports.flatMap((specifier) => {
        const to = target(file, specifier);
        const room = to?.split("/")[0];
        if (to === undefined || room === undefined || room === file.room) return [];
        const [from, below] = [floors[file.room] ?? 0, floors[room] ?? Number.POSITIVE_INFINITY];
        // The ground floor's lone files (Issue, telemetry) are open to the rooms beside them.
        return below < from || (below === 1 && from === 1 && room.endsWith(".ts")) ? [] : [`imports ${to}`];
      }),
    );
    expect(found).toEqual([]);
  });

  test("no circle, type imports included", () => {
    const graph = new Map(files.map((f) => [f.path, f.imports.flatMap((s) => target(f, s) ?? [])]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const start = trail.indexOf(path);
      if (start >= 0) circles.push([...trail.slice(start), path].join(" -> "));
      if (start >= 0 || done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });
});

describe("law 2: one door to each outside thing", () => {
  test("drivers only in databases/ and state/ (and the cache's tier over them)", () => {
    expect(importing(/^(pg|pg-cursor|better-sqlite3)$/u, within("databases", "state", "cache"))).toEqual([]);
  });
  test("SQL parsers only in sql/", () => {
    expect(importing(/^(libpg-query|@polyglot-sql\/.*|pgsql-deparser)$/u, within("sql"))).toEqual([]);
  });
  test("MCP packages only in server/, client/ and tools/tool.ts", () => {
    expect(importing(/^@modelcontextprotocol\//u, within("server", "client", "tools/tool.ts"))).toEqual([]);
  });
  test("keyv only in cache/", () => {
    expect(importing(/^(keyv|@keyv\/.*)$/u, within("cache"))).toEqual([]);
  });
  test("wink only in terms/ and agents/", () => {
    expect(importing(/^wink-/u, within("terms", "agents"))).toEqual([]);
  });
  test("environment variables only in config/", () => {
    const readers = violations((file) =>
      /\bprocess\.env\b/u.test(file.text) && file.room !== "config" ? ["reads process.env"] : [],
    );
    expect(readers).toEqual([]);
  });
});

describe("law 3: what thinks does not touch the world", () => {
  const pure = within("schema", "changes", "terms", "query", "check", "access", "sql");
  /** Files that load data of the package once, at their door. */
  const doors = /^(terms\/.*(data|lexicon|vectors|weights|words|model).*\.ts|sql\/parse-.*\.ts)$/u;

  test("no file, no socket", () => {
    const world =
      /^(node:)?(fs|fs\/promises|net|http|https|http2|tls|dgram|dns|child_process|worker_threads|cluster)$/u;
    expect(importing(world, (path) => !pure(path) || doors.test(path))).toEqual([]);
  });
  test("no clock, no randomness", () => {
    const impure =
      /\b(Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|randomUUID\(|randomBytes\(|setTimeout\(|setInterval\()/u;
    const found = violations((file) => (pure(file.path) ? (impure.exec(file.text)?.slice(0, 1) ?? []) : []));
    expect(found).toEqual([]);
  });
});

test("law 4: names say what they hold", () => {
  const nameless = /(^|\/)(utils?|helpers?|common|misc|managers?)(\/|\.ts$)|(^|\/)index\.ts$/u;
  expect(files.map((f) => f.path).filter((path) => nameless.test(path))).toEqual([]);
});
