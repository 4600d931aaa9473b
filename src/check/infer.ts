/** The type of an expression as the dialect prints it, where it can be told from the schema; undefined where it cannot. Never guesses. */

import type { DialectName } from "../schema/snapshot.js";
import type { CallExpr, Expr, OperatorExpr } from "../sql/tree.js";
import type { Resolution } from "./relation.js";
import { familyOf, isNumeric, isTemporal } from "./types.js";

type Known = Pick<Resolution, "bindings" | "aliases" | "outputs">;

export function typeOf(expr: Expr, known: Known, dialect: DialectName): string | undefined {
  switch (expr.type) {
    case "column":
      return known.bindings.get(expr)?.column.type ?? known.aliases.get(expr)?.type;
    case "literal":
      return literalType(expr.kind, expr.text);
    case "cast":
      return expr.to;
    case "call":
      return callType(expr, known, dialect);
    case "operator":
      return operatorType(expr, known, dialect);
    case "in":
      return "boolean";
    case "subquery":
      return expr.kind === "exists"
        ? "boolean"
        : expr.kind === "scalar"
          ? known.outputs.get(expr.query)?.[0]?.type
          : undefined;
    case "case":
      return firstType(
        [...expr.whens.map((w) => w.result), ...(expr.otherwise === undefined ? [] : [expr.otherwise])],
        known,
        dialect,
      );
    default:
      return undefined;
  }
}

/** A bare string has no type of its own in PostgreSQL (manual, 4.1.2.7): it takes that of what it meets. */
function literalType(kind: string, text: string): string | undefined {
  switch (kind) {
    case "number":
      return /^[+-]?[\d_]+$/.test(text) ? "integer" : "numeric";
    case "boolean":
      return "boolean";
    default:
      return undefined;
  }
}

const integerCalls = new Set(
  "count row_number rank dense_rank ntile length char_length character_length octet_length strpos position instr ascii sign_int json_array_length array_length cardinality".split(
    " ",
  ),
);
const numberCalls = new Set(
  "avg stddev stddev_pop stddev_samp variance var_pop var_samp percent_rank cume_dist random sqrt power pow exp ln log log10 extract date_part percentile_cont julianday total".split(
    " ",
  ),
);
const textCalls = new Set(
  "lower upper concat concat_ws substr substring trim ltrim rtrim btrim replace to_char string_agg group_concat left right lpad rpad initcap format split_part md5 strftime printf hex typeof regexp_replace".split(
    " ",
  ),
);
const sameCalls = new Set(
  "min max coalesce nullif greatest least ifnull abs round lag lead first_value last_value nth_value any_value mod ceil ceiling floor trunc".split(
    " ",
  ),
);
const timeCalls: Readonly<Record<string, string>> = {
  current_date: "date",
  now: "timestamp with time zone",
  current_timestamp: "timestamp with time zone",
  localtimestamp: "timestamp without time zone",
  clock_timestamp: "timestamp with time zone",
  make_date: "date",
  to_date: "date",
  to_timestamp: "timestamp with time zone",
  age: "interval",
};

function callType(expr: CallExpr, known: Known, dialect: DialectName): string | undefined {
  const name = expr.name.at(-1)?.text.toLowerCase() ?? "";
  if (integerCalls.has(name)) return dialect === "postgres" && name === "count" ? "bigint" : "integer";
  if (numberCalls.has(name)) return dialect === "postgres" ? "numeric" : "REAL";
  if (textCalls.has(name)) return "text";
  if (timeCalls[name] !== undefined) return dialect === "postgres" ? timeCalls[name] : "text";
  const first = expr.args[0] === undefined ? undefined : typeOf(expr.args[0], known, dialect);
  if (name === "sum") return sumType(first, dialect);
  if (name === "date_trunc") return expr.args[1] === undefined ? undefined : typeOf(expr.args[1], known, dialect);
  if (sameCalls.has(name)) return firstType(expr.args, known, dialect);
  return undefined;
}

/** sum() widens: of integers bigint, of bigint numeric (PostgreSQL manual, 9.21). */
function sumType(of: string | undefined, dialect: DialectName): string | undefined {
  if (dialect === "sqlite" || of === undefined) return of;
  if (/^(integer|int4|smallint|int2)$/.test(of)) return "bigint";
  return familyOf(of, dialect) === "integer" ? "numeric" : of;
}

function operatorType(expr: OperatorExpr, known: Known, dialect: DialectName): string | undefined {
  if (["+", "-", "*", "/", "%"].includes(expr.op)) return arithmeticType(expr, known, dialect);
  if (expr.op === "||") return "text";
  if (/^(and|or|not|=|<>|<|<=|>|>=|is.*|.*like|.*between|glob|regexp|match|similar to|~.*|!~.*)$/.test(expr.op))
    return "boolean";
  if (expr.op === "->>") return "text";
  if (expr.op === "->") return "json";
  return undefined;
}

function arithmeticType(expr: OperatorExpr, known: Known, dialect: DialectName): string | undefined {
  const types = expr.args.map((a) => typeOf(a, known, dialect));
  const kinds = types.map((t) => familyOf(t, dialect));
  if (kinds.length === 1) return types[0];
  if (kinds.every((k) => k === "integer")) return "integer";
  if (kinds.every(isNumeric)) return "numeric";
  if (expr.op === "-" && kinds.every((k) => k === "date")) return "integer";
  if (expr.op === "-" && kinds.every(isTemporal)) return "interval";
  if (kinds.includes("interval") && kinds.some(isTemporal)) return "timestamp without time zone";
  if (kinds.includes("date") && kinds.includes("integer")) return "date";
  return undefined;
}

function firstType(exprs: readonly Expr[], known: Known, dialect: DialectName): string | undefined {
  const types = exprs.flatMap((e) => typeOf(e, known, dialect) ?? []);
  const wider = types.find((t) => familyOf(t, dialect) === "number");
  return wider ?? types[0];
}
