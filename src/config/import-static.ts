/**
 * The road from a hand-kept static configuration to a glossary: each entry is checked against the live schema through functions given, what holds becomes
 * a metric or term, what does not is reported with the nearest that does. Writes nothing: the caller shows or saves the text.
 */

import { stringify } from "yaml";
import { error, fail, type Issue, issueOf, ok, type Result, warning } from "../issue.js";
import { type Glossary, glossaryFile } from "../terms/glossary.js";
import { type ParsedFile, parseFile } from "./parse.js";
import { type StaticEntry, staticEntries } from "./static-file.js";

/** What is asked of the live schema. */
export interface SchemaCheck {
  /** Whether a Ref (`table`, `table.column`) exists; the nearest ones where it does not. */
  ref(ref: string): { readonly exists: boolean; readonly candidates: readonly string[] };
  /** What is wrong with a statement, by `validate_query`'s rules. */
  statement(sql: string): Promise<readonly Issue[]>;
}

export interface ImportedEntry {
  readonly name: string;
  readonly kind: StaticEntry["kind"];
  /** `imported`; `broken`: it names what is not there any more; `kept_out`: it holds, or is not understood, but is no metric or term. */
  readonly outcome: "imported" | "broken" | "kept_out";
  readonly issues: readonly Issue[];
}

export interface ImportReport {
  readonly entries: readonly ImportedEntry[];
  readonly glossary: Glossary;
  /** The glossary as a file to keep. */
  readonly yaml: string;
}

/** Fails only where the file itself cannot be read as JSON, JSON5 or YAML. */
export async function importStatic(path: string, text: string, check: SchemaCheck): Promise<Result<ImportReport>> {
  const parsed = parseFile(path, text);
  if (!parsed.ok) return parsed;
  const glossary: Glossary = { metrics: [], terms: [] };
  const entries: ImportedEntry[] = [];
  const taken = new Set<string>();
  for (const entry of staticEntries(parsed.value.value)) {
    const issues = await issuesOf(entry, parsed.value, check);
    const isTwice = (entry.kind === "metric" || entry.kind === "term") && taken.has(entry.name);
    if (isTwice)
      issues.push(
        error(
          "bad_config_value",
          `"${entry.name}" is defined twice; the first one counts.`,
          placed(entry, parsed.value),
        ),
      );
    const isBroken = issues.some(({ severity }) => severity === "error");
    const outcome = isBroken ? "broken" : entry.kind === "metric" || entry.kind === "term" ? "imported" : "kept_out";
    entries.push({ name: entry.name, kind: entry.kind, outcome, issues });
    if (outcome === "imported") taken.add(entry.name);
    if (outcome === "imported" && entry.kind === "metric") glossary.metrics.push(metricOf(entry));
    if (outcome === "imported" && entry.kind === "term") glossary.terms.push(glossaryTermOf(entry));
  }
  const file = { version: 1 as const, ...glossary };
  const valid = glossaryFile.safeParse(file);
  if (!valid.success)
    return fail(...valid.error.issues.map((i) => error("bad_config_value", `${i.path.join(".")}: ${i.message}.`)));
  return ok({ entries, glossary, yaml: stringify(file, { lineWidth: 0 }) });
}

async function issuesOf(entry: StaticEntry, file: ParsedFile, check: SchemaCheck): Promise<Issue[]> {
  const at = placed(entry, file);
  if (entry.kind === "unknown") return [warning("bad_config_value", `${entry.name}: ${entry.why}.`, at)];
  if (entry.kind === "template") {
    const kept = warning(
      "not_additive",
      `"${entry.name}" is more than one aggregate over one table: it holds, and is left to build_query.`,
      at,
    );
    const found = await statementIssues(entry.sql.replaceAll(placeholder, "NULL"), check);
    return found.length > 0 ? found.map((issue) => said(entry, issue, at)) : [kept];
  }
  const refs =
    entry.kind === "term"
      ? [entry.ref]
      : [entry.table, ...columnsOf(entry).map((column) => qualified(entry.table, column))];
  const missing = [...new Set(refs)].flatMap((ref) => {
    const { exists, candidates } = check.ref(ref);
    const help = candidates[0] === undefined ? {} : { help: `Did you mean ${candidates[0]}?` };
    return exists
      ? []
      : [
          error(ref.includes(".") ? "unknown_column" : "unknown_table", `"${entry.name}": there is no ${ref}.`, {
            candidates,
            ...help,
            ...at,
          }),
        ];
  });
  if (missing.length > 0 || entry.kind === "term") return missing;
  const found = await statementIssues(`SELECT ${entry.expression} FROM ${entry.table}`, check);
  return found.map((issue) => said(entry, issue, at));
}

async function statementIssues(sql: string, check: SchemaCheck): Promise<readonly Issue[]> {
  try {
    return (await check.statement(sql)).filter(({ severity }) => severity === "error");
  } catch (cause) {
    return [issueOf(cause)];
  }
}

/** `{{x}}`, `{x}`, `:x`, `$1`, `%s`, `%(x)s`, `?`: what templates leave open, with quotes around it where they stand. */
const placeholder = /'?(?:\{\{\s*[\w.]+\s*\}\}|\{[\w.]+\}|(?<![:\w]):[A-Za-z_]\w*|\$\d+|%\(\w+\)s|%s|\?)'?/gu;

/** The issue with the entry's name and the entry's place in the file (its own place is one in the statement). */
function said(entry: StaticEntry, issue: Issue, at: Pick<Issue, "at">): Issue {
  const { at: _inStatement, ...rest } = issue;
  return { ...rest, message: `"${entry.name}": ${issue.message}`, ...at };
}

function placed(entry: StaticEntry, file: ParsedFile): Pick<Issue, "at"> {
  const at = file.placeOf(entry.path);
  return at === undefined ? {} : { at };
}

type Metric = Extract<StaticEntry, { kind: "metric" }>;

/** Names in the expression, filters and time that are neither functions, keywords nor literals. */
function columnsOf(metric: Metric): readonly string[] {
  const inExpression = [...metric.expression.replaceAll(/'(?:[^']|'')*'/gu, " ").matchAll(column)]
    .map(([name]) => name)
    .filter((name) => !keywords.test(name));
  return [
    ...inExpression,
    ...metric.filters.map((filter) => filter.column),
    ...(metric.time === undefined ? [] : [metric.time]),
  ];
}

const column = /(?<![\w."])(?:"[^"]+"|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|[A-Za-z_]\w*))*(?![\w."])(?!\s*\()/gu;
const keywords =
  /^(distinct|case|when|then|else|end|and|or|not|null|is|in|as|cast|numeric|integer|real|text|true|false|filter|where)$/iu;

function qualified(table: string, name: string): string {
  return name.includes(".") ? name : `${table}.${name}`;
}

function metricOf(metric: Metric): Glossary["metrics"][number] {
  const expression = metric.expression
    .split(/('(?:[^']|'')*')/u)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part.replaceAll(column, (name) => (keywords.test(name) ? name : qualified(metric.table, name))),
    )
    .join("");
  return {
    name: metric.name,
    synonyms: [...metric.synonyms],
    ...(metric.description !== undefined && { description: metric.description }),
    expression,
    filters: metric.filters.map((f) => ({
      term: qualified(metric.table, f.column),
      op: f.op,
      ...(f.value !== undefined && { value: f.value }),
    })),
    ...(metric.time !== undefined && { time: qualified(metric.table, metric.time) }),
    additivity: isAdditive(metric.expression) ? "additive" : "non_additive",
    ...(metric.unit !== undefined && { unit: metric.unit }),
  };
}

/** One sum or count alone: of a ratio, an average or a distinct count the parts do not add up. */
function isAdditive(expression: string): boolean {
  return /^\s*(sum|count)\s*\(\s*(?!distinct\b)(?:[^()]|\([^()]*\))*\)\s*$/iu.test(expression);
}

function glossaryTermOf(term: Extract<StaticEntry, { kind: "term" }>): Glossary["terms"][number] {
  return {
    name: term.name,
    synonyms: [...term.synonyms],
    ...(term.description !== undefined && { description: term.description }),
    ref: term.ref,
  };
}
