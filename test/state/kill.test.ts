/** kill -9 in the middle of writing: what was acknowledged is there, what is there is whole (faults.md #26, #31). */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { damageOf, writeUntilKilled } from "./killed-writer.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-kill-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a killed writer loses nothing that it acknowledged and leaves nothing torn", { timeout: 120_000 }, async () => {
  const path = join(folder, "state.db");
  const acknowledged: string[] = [];
  for (let run = 0; run < 8; run += 1) acknowledged.push(...(await writeUntilKilled(path, run, 4 + run * 2)));
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(await damageOf(path, acknowledged)).toEqual({ lost: [], torn: [] });
});
