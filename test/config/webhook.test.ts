/** Notices to a webhook: in order, retried, never in the way. A real HTTP server answers. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { settingsTable } from "../../src/config/table.js";
import { createWebhook } from "../../src/config/webhook.js";
import type { TelemetryEvent } from "../../src/telemetry.js";

test("messages arrive in order, after failures too; a dead one is reported and holds nobody up", {
  timeout: 20_000,
}, async () => {
  const got: string[] = [];
  let refusals = 2;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      response.statusCode = refusals-- > 0 ? 503 : 204;
      if (response.statusCode === 204) got.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const failures: TelemetryEvent[] = [];
  let url: string | undefined = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const hook = createWebhook(
    () => (url === undefined ? undefined : { url, timeoutMs: 1_000 }),
    (e) => failures.push(e),
  );
  hook.send("config_changed", { version: 2 });
  hook.send("schema_changed", { source: "erp" });
  // Sending waits for nobody.
  expect(got).toEqual([]);
  await hook.close();
  expect(got).toEqual(['{"event":"config_changed","version":2}', '{"event":"schema_changed","source":"erp"}']);
  expect(failures).toEqual([]);
  server.close();
  server.closeAllConnections();
  hook.send("lost", {});
  await hook.close();
  expect(failures).toMatchObject([{ event: "failure", where: "webhook" }]);
  url = undefined;
  hook.send("to nobody", {});
  await hook.close();
  expect(failures).toHaveLength(1);
});

test("the table tells every setting once, on one line each", () => {
  const lines = settingsTable().split("\n");
  expect(lines.length).toBeGreaterThan(90);
  expect(lines.every((line) => /^\|.*\|.*\|.*\|$/u.test(line))).toBe(true);
  expect(lines).toContain("| `query.max_rows` | `10000` | Rows of one answer at most. |");
});
