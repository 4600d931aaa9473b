// Bundles src/main.ts into dist/ (start-up reads a few files and not a thousand) and copies what is no code beside it.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [src, dist] = [`${root}src`, `${root}dist`];

// A module finds its data files by its own URL. Every chunk lies in dist/ itself, so that URL is the module's path from there.
const ownUrls = {
  name: "own-urls",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes("import.meta.url")) return undefined;
      const place = relative(src, path).split(sep).join("/").replace(/\.ts$/u, ".js");
      return {
        loader: "ts",
        contents: text.replaceAll("import.meta.url", `new URL("./${place}", import.meta.url).href`),
      };
    });
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir: dist,
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
  // Native or WebAssembly, read beside themselves; or start threads from files of their own.
  external: ["better-sqlite3", "libpg-query", "pg-native", "wink-eng-lite-web-model", "pino", "pino-pretty"],
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  plugins: [ownUrls],
  metafile: true,
});
cpSync(src, dist, { recursive: true, filter: (path) => !path.endsWith(".ts") });

// What an earlier build left goes last, so that a server that runs meanwhile finds its files.
const made = new Set(Object.keys(metafile.outputs).map((path) => resolve(root, path)));
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = resolve(entry.parentPath, entry.name);
  if (entry.isFile() && !made.has(path) && !existsSync(path.replace(dist, src))) rmSync(path);
}
