// Copies what the compiler leaves behind (fixed SQL, trained weights, the web page) from src/ to dist/.
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
cpSync(`${root}src`, `${root}dist`, {
  recursive: true,
  filter: (path) => !path.endsWith(".ts"),
});
rmSync(`${root}dist/tsconfig.tsbuildinfo`, { force: true });
