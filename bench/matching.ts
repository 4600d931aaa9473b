/**
 * Matching a foreign schema's columns to ours: each source column of the OMOP model, by its name in words within its description, to the columns of a claims
 * database that have descriptions for comments (SMAT, see the data's README). No part of it is trained on.
 */

import type { Table } from "../src/schema/snapshot.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { buildTermIndex } from "../src/terms/term-index.js";
import { splitIdentifier } from "../src/terms/words.js";
import { allWithin, areaUnderCurve, averagePrecision, calibrationError, mean } from "./metrics.js";
import { emptyTable, lines, viewOf } from "./term-data.js";

type Line =
  | {
      readonly target_columns: readonly {
        readonly name: string;
        readonly table_desc: string;
        readonly column_desc: string;
      }[];
    }
  | { readonly source: string; readonly column_desc: string; readonly gold: readonly string[] };

/** Columns ranked for each source column. */
const ranked = 100;

export function matching(): Record<string, Record<string, unknown>> {
  const all = lines<Line>("matching/matching_omop_cms.jsonl");
  const index = buildTermIndex(viewOf("cms", targets(all), {}), emptyGlossary);
  const answers = all.flatMap((line) => {
    if ("target_columns" in line) return [];
    const [table = "", column = ""] = line.source.split(".");
    const words = splitIdentifier(column).join(" ");
    const question = `${splitIdentifier(table).join(" ")}: ${words}, ${line.column_desc}`;
    const { matches } = mapTerm(index, { term: words, question, kinds: ["column"], limit: ranked });
    return [{ gold: new Set(line.gold), refs: matches.map((m) => m.ref), confidence: matches[0]?.confidence ?? 0 }];
  });
  const there = answers.filter((a) => a.gold.size > 0);
  const share = (of: (a: (typeof answers)[number]) => boolean) => mean(there.map((a) => (of(a) ? 1 : 0))).toFixed(3);
  const right = (a: (typeof answers)[number]) => a.gold.has(a.refs[0] ?? "");
  return {
    "OMOP to CMS": {
      n: there.length,
      at1: share(right),
      at5: share((a) => a.refs.slice(0, 5).some((r) => a.gold.has(r))),
      map: mean(there.map((a) => averagePrecision(a.refs, a.gold))).toFixed(3),
      "all within 10": share((a) => allWithin(a.refs, a.gold, 10)),
      ece: calibrationError(answers.map((a) => ({ confidence: a.confidence, right: right(a) }))).toFixed(3),
    },
    "nothing of the kind": {
      n: answers.length - there.length,
      auroc: areaUnderCurve(
        there.map((a) => a.confidence),
        answers.filter((a) => a.gold.size === 0).map((a) => a.confidence),
      ).toFixed(3),
    },
  };
}

function targets(all: readonly Line[]): readonly Table[] {
  const tables = new Map<string, Table>();
  for (const target of all.flatMap((line) => ("target_columns" in line ? line.target_columns : []))) {
    const [table = "", column = ""] = target.name.split(".");
    const known = tables.get(table);
    tables.set(table, {
      schema: "main",
      name: table,
      kind: "table",
      ...emptyTable,
      comment: target.table_desc,
      columns: [...(known?.columns ?? []), { name: column, type: "text", nullable: true, comment: target.column_desc }],
    });
  }
  return [...tables.values()];
}
