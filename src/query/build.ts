/**
 * From an intent to SQL that means exactly what `docs` of build_query say, or to a question, or to a refusal. Pure: the schema, the
 * resolver and the moment are arguments. The one thing it never does is answer a number that could be silently wrong.
 */

import { error, type Issue } from "../issue.js";
import { singular } from "../schema/name-words.js";
import { oncePer } from "../schema/once.js";
import { plainView } from "../schema/plain-types.js";
import type { Column, Table } from "../schema/snapshot.js";
import { dialectOf } from "../sql/dialect.js";
import { type BuildAnswer, type QueryContext, type Remark, resolveOnce } from "./answer.js";
import { dayIn } from "./calendar.js";
import { compileDetail } from "./detail.js";
import { print, printLiteral } from "./fragment.js";
import { type JoinGraph, joinGraph, withLinks } from "./graph.js";
import { type Compiled, compileGrouped } from "./grouped.js";
import { hintsOf } from "./hints.js";
import type { Intent } from "./intent.js";
import type { CompileContext } from "./legs.js";
import { isAcross } from "./paths.js";
import { pinnedLinks } from "./pins.js";
import type { Reading } from "./readings.js";
import { IntentReader } from "./resolve.js";
import type { ResolvedIntent } from "./resolved.js";
import { withAggregates } from "./spoken-measures.js";
import { type PeriodNames, withPeriods } from "./spoken-periods.js";
import { type Instead, refuse, Stopped } from "./stop.js";
import { hasAll } from "./tables.js";
import { TermReader } from "./terms.js";
import { timeOf } from "./time-column.js";
import { timeKindOf } from "./time-kinds.js";
import { validityOf } from "./validity.js";

/** Builds one query. Issues that the caller can mend come back in the answer; nothing is thrown for them. */
export function buildQuery(intent: Intent, asked: QueryContext): BuildAnswer {
  const context = { ...asked, view: plainView(asked.view), resolve: resolveOnce(asked.resolve) };
  const found: Found = { mapping: [], assumptions: [], looser: [] };
  try {
    return { ...built(intent, context, found), alternatives: alternatives(intent, found.looser, context) };
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown;
    const answer = stopped(intent, context, thrown, found);
    const { outcome } = thrown;
    return {
      ...answer,
      alternatives: alternatives(intent, outcome.kind === "refused" ? outcome.instead : [], context),
    };
  }
}

/** Intents in one's place, those that build, with their SQL. */
function alternatives(asked: Intent, instead: readonly Instead[], context: QueryContext): BuildAnswer["alternatives"] {
  return instead.flatMap(({ why, intent }) => {
    // What a metric's own definition says cannot be asked otherwise.
    if (intent === asked) return [];
    try {
      const { sql } = built(intent, context, { mapping: [], assumptions: [], looser: [] });
      return sql === undefined ? [] : [{ why, intent, sql }];
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
      return [];
    }
  });
}

/** The tables of what is measured, as far as names tell; `undefined` where they do not tell it of each. */
function measuredTables(given: TermReader): readonly number[] | undefined {
  const { measures = [] } = given.intent;
  const found = measures.map(({ term, table }) => {
    const called = given.calledAs(term, "measures[0]");
    if (called === undefined) return table === undefined ? undefined : given.rowsOf(table);
    const [only, second] = called;
    if (only !== undefined) return second === undefined ? only.table : undefined;
    // "completed tasks", "payments received"
    const words = term.split(/\s+/);
    const parts = words.flatMap((_, k) => [words.slice(k).join(" "), words.slice(0, k).join(" ")]);
    return parts.map((part) => (part === "" ? undefined : given.rowsOf(part))).find((rows) => rows !== undefined);
  });
  const known = found.filter((t) => t !== undefined);
  return known.length === found.length && known.length > 0 ? known : undefined;
}

/** The same, worked out where a column is called as a period that is asked for. */
const measuredIn = oncePer(measuredTables);

/** What the schema says of terms that may be periods. */
function periodNames(given: TermReader, graph: JoinGraph, context: QueryContext): PeriodNames {
  const place = "dimensions[0]";
  const isTime = ({ table, column }: Pick<Reading, "table" | "column">) =>
    column !== undefined && timeKindOf(given.table(table), column, context) !== undefined;
  return {
    tables: graph.tables,
    isNear: (table) => measuredIn(given)?.some((home) => !isAcross(graph, home, table, context.settings)) ?? true,
    isCalendar: (table) => given.isCalendar(table),
    isSure: (term) => given.calledAs(term, place) === undefined,
    areTimes: (term) => {
      const exact = given.exact(term, ["column"]);
      if (exact?.kind === "column") return isTime(exact);
      const called = given.calledAs(term, place) ?? [];
      return called.length > 0 && called.every(isTime);
    },
  };
}

/** What was learned on the way, kept where building stops early. */
interface Found {
  mapping: BuildAnswer["mapping"];
  assumptions: readonly Remark[];
  looser: readonly Instead[];
}

function built(asked: Intent, context: QueryContext, found: Found): BuildAnswer {
  const { snapshot } = context.view;
  const plain = joinGraph(context.view);
  const pins = pinnedLinks(asked, context, plain);
  const graph = withLinks(plain, pins.added);
  const pinned = [...pins.known, ...pins.added.map((_, i) => plain.links.length + i)];
  const given = new TermReader(context, graph, asked);
  const rowsCalled = (term: string) => {
    const [only, second] = given.calledAs(term, "measures[0]") ?? [];
    return given.rowsOf(term) ?? (second === undefined && only?.column === undefined ? only?.table : undefined);
  };
  const today = dayIn(context.now, asked.time?.time_zone ?? context.settings.timeZone);
  const told = withPeriods(asked, periodNames(given, graph, context), today);
  const intent = withAggregates(told, {
    called: (term, place) => given.calledAs(term, place)?.map((r) => r.ref),
    isHeld: (term) => given.isHeld(term),
    areRows: (term) => rowsCalled(singular(term)) !== undefined,
    holdsFromTo: (term) => {
      const rows = rowsCalled(term);
      return rows !== undefined && validityOf(given.table(rows), undefined, context) !== undefined;
    },
  });
  const reader = new IntentReader(context, graph, intent, pinned);
  found.mapping = reader.terms.mapping;
  found.assumptions = reader.terms.assumptions;
  found.looser = reader.terms.looser;
  const resolved = reader.read();
  const dialect = dialectOf(snapshot.dialect);
  const compileContext: CompileContext = {
    graph,
    dialect,
    settings: context.settings,
    intent,
    pinnedTables: resolved.pins.map((p) => p.table),
    pinnedLinks: resolved.pinnedLinks,
    defaultSchema: snapshot.defaultSchema,
    searched: new Map(),
    limit: intent.limit,
    statistics: context.view.statistics,
    tableRef: (t) => reader.terms.tableRef(t),
    columnRef: (t, c) => reader.terms.columnRef(t, c),
    holdsAll: ({ from, fromColumns }) => {
      const table = reader.terms.table(from);
      const isHeld = (c: Column) => !fromColumns.includes(c.name) || hasAll(table, c, context.view.statistics);
      return table.columns.every(isHeld);
    },
    assume: (code, text) => reader.terms.assume(code, text),
    timeKind: (item) => timeKindOf(graph.tables[item.table] as Table, item.column, context),
    timeOf: (anchor, aggregate) => timeOf(anchor, aggregate, resolved, graph, context, reader.terms),
    softDelete: (table, spoken) => reader.softDelete(table, spoken),
    current: (table, spoken) => reader.current(table, spoken),
  };
  const compiled = compile(resolved, compileContext, intent);
  for (const join of compiled.joins) {
    if (join.origin === "inferred") {
      reader.terms.assume(
        "inferred_link",
        `${join.from} and ${join.to} are joined though no key is declared; names and values suggest it.`,
      );
    }
  }
  const { sql, params } = print(compiled.statement, dialect);
  return {
    status: "ok",
    sql,
    params,
    dialect: snapshot.dialect,
    columns: compiled.columns,
    mapping: found.mapping,
    joins: compiled.joins,
    grain: compiled.grain,
    proof: compiled.proof,
    assumptions: reader.terms.assumptions,
    ...(compiled.reconcile === undefined ? {} : { reconcile_sql: printLiteral(compiled.reconcile, dialect) }),
    hints: hintsOf(resolved, compiled.joins, { ...context, tables: graph.tables }),
    alternatives: [],
    intent,
    issues: [],
  };
}

function compile(resolved: ResolvedIntent, context: CompileContext, intent: Intent): Compiled {
  if (resolved.measures.length > 0) return compileGrouped(resolved, context);
  if (resolved.dimensions.some((d) => d.rollUp !== undefined)) {
    refuse(error("invalid_argument", "`roll_up` counts something for all below a member: give `measures`."));
  }
  const columns = [...resolved.columns, ...resolved.dimensions.map((d) => ({ name: d.name, item: d.item }))];
  return compileDetail({ ...resolved, columns }, context, intent.distinct === true || resolved.columns.length === 0);
}

function stopped(intent: Intent, context: QueryContext, stop: Stopped, found: Found): BuildAnswer {
  const { outcome } = stop;
  const issues: readonly Issue[] = outcome.kind === "refused" ? outcome.issues : [];
  return {
    status: outcome.kind === "refused" ? "refused" : "needs_clarification",
    dialect: context.view.snapshot.dialect,
    columns: [],
    mapping: found.mapping,
    joins: [],
    grain: "",
    proof: [],
    assumptions: found.assumptions,
    hints: [],
    alternatives: [],
    ...(outcome.kind === "question" ? { question: { text: outcome.text, options: outcome.options } } : {}),
    intent,
    issues,
  };
}
