/** Learning from a shell, as the people who run the server see it: what was said, a model trained, refused, compared, stopped. */

import { spawnSync } from "node:child_process";
import { afterAll, expect, test } from "vitest";
import { entry, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
afterAll(() => folder.remove());

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

const runIn =
  (state: string) =>
  (...args: readonly string[]): Ran => {
    const all = [entry, ...args, "--state", `${folder.path}/${state}`];
    const done = spawnSync(process.execPath, all, { encoding: "utf8", cwd: folder.path, timeout: 30_000 });
    return { status: done.status, out: done.stdout, err: done.stderr };
  };
const run = runIn("state");

test("a correction holds for queries as well, though names fit otherwise", () => {
  const apart = runIn("corrected");
  const asked = ["tool", "build_query", '{"measures":[{"term":"*","agg":"count"}],"dimensions":[{"term":"status"}]}'];
  expect(apart(...asked).out).toContain('What does "status" mean: open_invoices.status, invoices.status?');
  apart("tool", "record_feedback", '{"term":"status","ref":"invoices.status","verdict":"correct"}');
  const { out } = apart(...asked);
  expect(out).toContain("FROM invoices");
  expect(out).not.toContain("What does");
});

test("a verdict is counted; a model trained on too little may be compared, not promoted", () => {
  const said = run("tool", "record_feedback", '{"term":"freight","ref":"orders.freight_amt","verdict":"correct"}');
  expect(said.out).toContain("from the next call on");
  expect(JSON.parse(run("learn", "train").out)).toMatchObject({ version: 1, may_answer: false });
  const refused = run("learn", "promote");
  expect(refused.status).toBe(1);
  expect(refused.err).toContain("did not pass the gate");
  expect(JSON.parse(run("learn", "compare", "1", "--reason", "a try").out)).toMatchObject({
    challenger: 1,
    champion: 0,
  });
  expect(JSON.parse(run("learn", "stop").out)).toMatchObject({ act: "stopped", champion: 0 });
  expect(JSON.parse(run("learn", "status").out)).toMatchObject({
    champion: 0,
    compared: null,
    feedback: { verdicts: 1, people: 1, terms: 1, queries: 0 },
    models: [{ version: 1 }],
    acts: [{ act: "compared", reason: "a try" }, { act: "stopped" }],
    quality: [{ verdicts: 1, models: [0] }],
  });
  expect(run("learn", "forget").status).toBe(2);
});
