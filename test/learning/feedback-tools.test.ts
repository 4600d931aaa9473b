/** `map_term` and `record_feedback` together over a kept state: a correction holds from the next call on, is audited, moves nothing else, and is undone. */

import { beforeAll, describe, expect, it } from "vitest";
import type { LiveSchema } from "../../src/catalog/live.js";
import { ok } from "../../src/issue.js";
import { readLog } from "../../src/learning/feedback.js";
import { learnedMappings } from "../../src/learning/mappings.js";
import { declaredRelationships } from "../../src/schema/relationships.js";
import type { SchemaSnapshot } from "../../src/schema/snapshot.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTermTool } from "../../src/tools/map_term.js";
import { recordFeedbackTool as feedbackTool } from "../../src/tools/record_feedback.js";
import type { Call, ToolDeps } from "../../src/tools/tool.js";

const bare = { uniques: [], foreignKeys: [], checks: [], indexes: [], triggers: [], policies: [] };
const snapshot: SchemaSnapshot = {
  dialect: "sqlite",
  defaultSchema: "main",
  schemas: [{ name: "main" }],
  tables: [
    {
      schema: "main",
      name: "orders",
      kind: "table",
      ...bare,
      columns: ["order_id", "gross", "net", "placed"].map((name) => ({ name, type: "NUMERIC", nullable: true })),
    },
  ],
  enums: [],
  domains: [],
  composites: [],
  sequences: [],
  functions: [],
  extensions: [],
};
const live: LiveSchema = {
  snapshot,
  version: `sha256:${"0".repeat(64)}`,
  statistics: { tables: {} },
  relationships: declaredRelationships(snapshot),
  source: "erp",
  serverVersion: "3",
  identity: { database: "d", tables: {} },
  asOf: "2026-01-01T00:00:00.000Z",
  origin: "live",
  stale: false,
  issues: [],
};

const now = Date.parse("2026-01-02T00:00:00Z");
const as = (user: string, role = "reader"): Call => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  caller: { user, role },
});
const recordFeedbackTool = feedbackTool(() => true);
let state: State;
let deps: ToolDeps;

beforeAll(async () => {
  state = await openState("memory");
  deps = {
    sources: ["erp"],
    defaultSource: "erp",
    live: () => Promise.resolve(ok(live)),
    glossary: () => emptyGlossary,
    learned: async (source: string, call: Call) =>
      learnedMappings(readLog(await state.list({ kind: "feedback", scope: source })).verdicts, call.caller, now),
    state,
    emit: () => undefined,
    now: () => now,
  } as unknown as ToolDeps;
});

async function best(term: string, call: Call): Promise<string | undefined> {
  const answer = await mapTermTool.run(deps, mapTermTool.input.parse({ terms: [term] }), call);
  if (!answer.ok) throw new Error(answer.issues[0]?.message);
  expect(() => mapTermTool.output.parse(answer.value.structured)).not.toThrow();
  return answer.value.structured.results[0]?.matches[0]?.ref;
}

describe("record_feedback", () => {
  it("holds from the next call on, for its scope, and is undone", async () => {
    const other = await best("order number", as("ann"));
    const given = await recordFeedbackTool.run(
      deps,
      recordFeedbackTool.input.parse({
        term: "turnover",
        ref: "orders.gross",
        verdict: "wrong",
        correct_ref: "ORDERS.net",
      }),
      as("ann"),
    );
    if (!given.ok) throw new Error(given.issues[0]?.message);
    expect(given.value.structured.applied).toBe(true);
    expect(await best("Turnovers", as("ann"))).toBe("orders.net");
    expect(await best("order number", as("ann"))).toBe(other);
    expect(
      learnedMappings(
        readLog(await state.list({ kind: "feedback", scope: "erp" })).verdicts,
        { user: "bob", role: "reader" },
        now,
      ),
    ).toEqual([]);
    expect(await state.list({ kind: "audit", scope: "erp" })).toHaveLength(1);

    const refused = await recordFeedbackTool.run(deps, { undo: given.value.structured.id }, as("bob"));
    expect(refused).toMatchObject({ ok: false, issues: [{ code: "permission_denied" }] });
    const undone = await recordFeedbackTool.run(deps, { undo: given.value.structured.id }, as("ann"));
    expect(undone.ok).toBe(true);
    expect(
      learnedMappings(
        readLog(await state.list({ kind: "feedback", scope: "erp" })).verdicts,
        { user: "ann", role: "reader" },
        now,
      ),
    ).toEqual([]);
  });

  it("teaches what is wrong with a call", async () => {
    const missing = await recordFeedbackTool.run(deps, { term: "x" }, as("ann"));
    expect(missing).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
    const unknown = await recordFeedbackTool.run(
      deps,
      { term: "x", ref: "orders.nett", verdict: "correct" },
      as("ann"),
    );
    expect(unknown).toMatchObject({
      ok: false,
      issues: [{ code: "unknown_column", candidates: expect.arrayContaining(["orders.net"]) }],
    });
    const empty = await mapTermTool.run(deps, mapTermTool.input.parse({}), as("ann"));
    expect(empty).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
  });
});
