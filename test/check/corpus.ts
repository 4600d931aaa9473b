/** The corpus of `fixtures/checks/`: statements with what is said of them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fixtures, statementsFor } from "./shop.js";

export interface Case {
  /** The comment above it. */
  readonly said: string;
  readonly sql: string;
}

/** Statements under the comment lines that say what they are for, of one dialect: those before any mark and those under its own. */
export function casesOf(file: string, dialect: string): readonly Case[] {
  const [shared = "", ...own] = readFileSync(new URL(`corpus/${file}.sql`, fixtures), "utf8").split(
    /^-- (?=sqlite$|postgres$)/mu,
  );
  const text = [shared.slice(shared.indexOf("\n") + 1), ...own.filter((part) => part.startsWith(`${dialect}\n`))].join(
    "\n",
  );
  let said = "";
  let sql = "";
  const cases: Case[] = [];
  for (const line of text.split("\n")) {
    if (sql === "" && line.startsWith("-- ")) said = line.slice(3);
    else if (line.trim() !== "" && line !== dialect) sql += sql === "" ? line : `\n${line}`;
    if (sql.endsWith(";")) {
      cases.push({ said, sql: sql.slice(0, -1) });
      sql = "";
    }
  }
  return cases;
}

/** Every statement of a dialect but the hostile ones. */
export function everyStatement(dialect: "sqlite" | "postgres"): readonly string[] {
  const rules = readdirSync(fixtures).filter((name) => existsSync(new URL(`${name}/bad.sql`, fixtures)));
  const ofRules = rules.flatMap((rule) =>
    ["bad", "good"].flatMap((side) =>
      statementsFor(readFileSync(new URL(`${rule}/${side}.sql`, fixtures), "utf8"), dialect),
    ),
  );
  return [...ofRules, ...["valid", "invalid"].flatMap((file) => casesOf(file, dialect).map((c) => c.sql))];
}
