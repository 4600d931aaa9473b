/** A client that offers its model and its person: build_query asks them where the configuration allows, and only then. */

import { writeFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { CreateMessageRequestSchema, ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { call, entry, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
/** What the client's model says and what its person picks, and what either was told. */
let says = "";
let picks: ((labels: readonly string[]) => string) | undefined;
const heard: string[] = [];
let allowed: Client;
let forbidden: Client;

beforeAll(async () => {
  [allowed, forbidden] = await Promise.all([
    client("allowed", { ask_client_model: true, ask_person: true }),
    client("forbidden", {}),
  ]);
});
beforeEach(() => {
  heard.length = 0;
  picks = undefined;
});
afterAll(async () => {
  await Promise.all([allowed.close(), forbidden.close()]);
  folder.remove();
});

async function client(name: string, query: object): Promise<Client> {
  const config = `${folder.path}/${name}.json`;
  writeFileSync(config, JSON.stringify({ query }));
  const args = [entry, "--config", config, "--state", "memory", "--log-level", "error"];
  const made = new Client({ name, version: "1" }, { capabilities: { sampling: {}, elicitation: {} } });
  made.setRequestHandler(CreateMessageRequestSchema, (request) => {
    heard.push(JSON.stringify(request.params.messages));
    return { model: "a-model", role: "assistant" as const, content: { type: "text" as const, text: says } };
  });
  made.setRequestHandler(ElicitRequestSchema, (request) => {
    heard.push(request.params.message);
    const schema = "requestedSchema" in request.params ? request.params.requestedSchema.properties.choice : undefined;
    if (picks === undefined || schema === undefined || !("enum" in schema)) return { action: "decline" as const };
    return { action: "accept" as const, content: { choice: picks(schema.enum as readonly string[]) } };
  });
  await made.connect(new StdioClientTransport({ command: process.execPath, args }));
  return made;
}

const puzzling = "Who among our people does not report to anybody, would you say?";
const intent = {
  columns: [{ term: "employees.full_name", as: "name" }],
  filters: [{ term: "employees.mgr_emp_id", op: "is_null" }],
};

describe("the client's model", () => {
  test("reads what is not understood, and its intent is built and said", async () => {
    says = `\`\`\`json\n${JSON.stringify(intent)}\n\`\`\``;
    const answer = await call(allowed, "build_query", { question: puzzling });
    const { issues, ...built } = answer.structuredContent;
    expect(built).toMatchObject({ status: "ok", intent });
    // Whether stored values have been looked at yet is another matter, and the machine's.
    expect(issues.filter((i) => i.code !== "unavailable")).toMatchObject([{ code: "client_model" }]);
    expect(heard[0]).toContain("mgr_emp_id");
    const rows = await call(allowed, "run_query", {
      sql: answer.structuredContent.sql,
      params: answer.structuredContent.params,
    });
    expect(rows.structuredContent.rows.length).toBeGreaterThan(0);
  });

  test.each([
    ["prose", "I think you want the employees."],
    ["SQL", "SELECT * FROM employees"],
    ["an intent of another shape", '{"measures": "all", "sql": "DROP TABLE employees"}'],
    ["a table that is not there", '{"columns": [{"term": "passwords.hash"}]}'],
  ])("gives %s: the question stays not understood", async (_what, text) => {
    says = text;
    const answer = await call(allowed, "build_query", { question: puzzling });
    expect(answer.isError).toBe(true);
    expect(answer.structuredContent.issues[0]?.code).toBe("invalid_argument");
  });

  test("is not asked where it is not allowed, nor for what is understood", async () => {
    says = JSON.stringify(intent);
    expect((await call(forbidden, "build_query", { question: puzzling })).isError).toBe(true);
    const answer = await call(allowed, "build_query", { question: "How many employees are there?" });
    expect(answer.structuredContent.status).toBe("ok");
    expect(heard).toEqual([]);
  });
});

describe("the person at the client", () => {
  const ambiguous = { measures: [{ term: "orders.freight_amt", agg: "sum" }], time: { grain: "month" } };

  test("picks among the readings, and that one is built", async () => {
    picks = (labels) => labels.find((l) => l.includes("shipped_dt")) ?? "";
    const answer = await call(allowed, "build_query", ambiguous);
    expect(answer.structuredContent).toMatchObject({ status: "ok", issues: [{ code: "client_choice" }] });
    expect(answer.structuredContent.sql).toContain("shipped_dt");
    expect(heard[0]).toContain("orders");
  });

  test("declines: the agent gets the question", async () => {
    const answer = await call(allowed, "build_query", { ...ambiguous, limit: 5 });
    expect(heard.length).toBe(1);
    expect(answer.structuredContent.status).toBe("needs_clarification");
  });
});
