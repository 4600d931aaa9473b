/** A client hears of an edited configuration and of an edited glossary, and reads the new one. */

import { writeFileSync } from "node:fs";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { overStdio, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
const uri = "glossary://shop";
const updated: string[] = [];
const messages: unknown[] = [];
let client: Client;

function configure(rows: number): void {
  const sources = { shop: { url: "sqlite:./shop.db", glossary: ["./glossary.yaml"] } };
  writeFileSync(`${folder.path}/sextant.json`, JSON.stringify({ sources, query: { default_rows: rows } }));
}

function define(ref: string): void {
  writeFileSync(`${folder.path}/glossary.yaml`, `version: 1\nterms:\n  - name: takings\n    ref: ${ref}\n`);
}

beforeAll(async () => {
  const db = new Database(`${folder.path}/shop.db`);
  db.exec("create table orders (id integer primary key, total real, discount real)");
  db.close();
  define("orders.total");
  configure(10);
  client = await overStdio("--config", `${folder.path}/sextant.json`, "--state", "memory");
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void messages.push(params.data));
  await client.subscribeResource({ uri });
});
afterAll(async () => {
  await client.close();
  folder.remove();
});

test("an edited glossary is told to those who subscribed, and is what they read", async () => {
  define("orders.discount");
  await expect.poll(() => updated, { timeout: 10_000 }).toContain(uri);
  const { contents } = await client.readResource({ uri });
  expect(JSON.stringify(contents)).toContain("orders.discount");
});

test("an edited setting is told by its path, without its value", async () => {
  configure(20);
  await expect
    .poll(() => messages, { timeout: 10_000 })
    .toContainEqual({ event: "config_changed", version: expect.any(Number), settings: ["query.default_rows"] });
});
