/** Wrong input of every kind gets the issue that says what to do next, and the server lives on. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, entry, overStdio, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
let client: Client;

beforeAll(async () => {
  writeFileSync(
    `${folder.path}/text.db`,
    "this is no database, only a text that is long enough to be looked at as one ".repeat(20),
  );
  client = await overStdio(
    "--state",
    "memory",
    "--source",
    `missing=sqlite:${folder.path}/missing.db`,
    "--source",
    `text=sqlite:${folder.path}/text.db`,
    "--source",
    "down=postgres://nobody@127.0.0.1:9/none",
  );
});

afterAll(async () => {
  await client.close();
  folder.remove();
});

describe("sources", () => {
  test.each([
    ["nowhere", "unknown_source"],
    ["missing", "file_missing"],
    ["text", "not_a_database"],
    ["down", "source_unreachable"],
  ])("%s: %s", async (source, code) => {
    for (const tool of ["discover_schema", "schema_changes"]) {
      const answer = await call(client, tool, { source });
      expect(answer.isError).toBe(true);
      expect(answer.structuredContent.issues[0]).toMatchObject({ code, severity: "error" });
      expect(answer.content[0]?.text).toContain(code);
      expect(JSON.stringify(answer)).not.toContain(folder.path);
    }
  });

  test("none named where there are several", async () => {
    const answer = await call(client, "map_term", { terms: ["order"] });
    expect(answer.structuredContent.issues[0]).toMatchObject({
      code: "unknown_source",
      candidates: ["missing", "text", "down"],
    });
  });
});

describe("arguments, on the sample", () => {
  let sample: Client;
  beforeAll(async () => {
    sample = await overStdio("--state", "memory");
  });
  afterAll(() => sample.close());

  test.each([
    ["discover_schema", { tables: ["ordrs"] }, "unknown_table"],
    ["discover_schema", { cursor: "not-a-cursor" }, "bad_cursor"],
    ["schema_changes", { cursor: "not-a-cursor" }, "bad_cursor"],
    ["schema_changes", { since: "sha256:0000" }, "unknown_version"],
    ["map_term", { terms: [] }, "invalid_argument"],
    ["map_term", {}, "invalid_argument"],
    ["build_query", { measures: [{ term: "orders.no_such_column" }] }, "unknown_column"],
    ["build_query", {}, "invalid_argument"],
    ["validate_query", {}, "invalid_argument"],
    ["run_query", { sql: "select 1", max_rows: -1 }, "invalid_argument"],
  ])("%s %j: %s", async (tool, args, code) => {
    const answer = await call(sample, tool, args);
    const { issues } = answer.structuredContent;
    expect(
      issues.map((i) => i.code),
      JSON.stringify(answer),
    ).toContain(code);
    expect((await call(sample, "discover_schema", { detail: "overview" })).isError).not.toBe(true);
  });
});

describe("command line", () => {
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [entry, ...args], { encoding: "utf8", input: "", timeout: 30_000 });

  test("a wrong configuration key names the nearest, exits 2", () => {
    writeFileSync(`${folder.path}/bad.json`, '{ "sorces": {} }');
    const done = run("check-config", `${folder.path}/bad.json`);
    expect(done.status).toBe(2);
    expect(done.stderr).toContain("unknown_setting");
    expect(done.stderr).toContain("sources");
    expect(run("--config", `${folder.path}/bad.json`).status).toBe(2);
  });

  test("an unknown flag, a missing file and a bad source exit 2", () => {
    expect(run("--nonsense").status).toBe(2);
    expect(run("--config", `${folder.path}/none.json`).status).toBe(2);
    expect(run("--source", "nothing").status).toBe(2);
    expect(run("tool", "no_such_tool").status).toBe(2);
    expect(run("tool", "map_term", "{").status).toBe(2);
  });

  test("check-config prints the configuration without its secrets", () => {
    const file = `${folder.path}/good.yaml`;
    writeFileSync(file, "sources:\n  erp:\n    url: postgres://reader:hunter2@db.example/erp\n");
    const done = run("check-config", file);
    expect(done.status).toBe(0);
    expect(done.stdout).toContain("postgres://reader:***@db.example/erp");
    expect(done.stdout + done.stderr).not.toContain("hunter2");
  });

  test("tool answers a call from a shell", () => {
    const done = run("tool", "map_term", '{"terms":["customer"]}', "--state", "memory");
    expect(done.status).toBe(0);
    expect(done.stdout).toContain("customers");
  });
});
