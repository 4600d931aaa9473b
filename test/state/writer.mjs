// Appends records to the state file of argv until killed; prints each acknowledged `seq key` on its own line.
import { register } from "tsx/esm/api";

register();
const { openState } = await import("../../src/state/open.ts");
const [, , path, run] = process.argv;
const state = await openState(`sqlite:${path}`);
process.stdout.write("ready\n");
for (let n = 0; ; n += 1) {
  const key = `${run}-${n}`;
  const at = "2026-01-01T00:00:00.000Z";
  const records = ["audit", "config"].map((kind) => ({ kind, scope: "*", key, at, body: { n, fill: "x".repeat(500) } }));
  await state.append(records);
  await state.put({ kind: "checkpoint", scope: "*", key: "current", at, body: { key, again: key } });
  process.stdout.write(`${key}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
