/**
 * MetricFlow's metric queries against their handwritten check queries, on SQLite: metrics as glossary entries, group-bys as dimensions, entities as
 * confirmed links. What the contract's intents have no words for (windows over custom calendars, conversions, offsets, filters by metric) is counted apart.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { buildQuery } from "../src/query/build.js";
import type { Intent } from "../src/query/intent.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import type { Relationship } from "../src/schema/relationships.js";
import { type Glossary, glossaryMetric } from "../src/terms/glossary.js";
import { noTerms, sameRows, unmatchedKept } from "./query-cases.js";
import { servedView } from "./query-views.js";

interface Case {
  readonly file: string;
  readonly metrics?: readonly string[];
  readonly group_bys?: readonly string[];
  readonly where_filter?: string;
  readonly time_constraint?: readonly string[];
  readonly order_bys?: readonly string[];
  readonly limit?: number;
  /** Set where the check query runs on SQLite. */
  readonly check_query?: string;
}

const bookings = { time: "fct_bookings.ds" };
const listings = { time: "dim_listings_latest.created_at" };
const views = { time: "fct_views.ds" };

/** The models' metrics by name: expression, and what else the glossary says of it. */
const metrics: Readonly<Record<string, Record<string, unknown>>> = {
  booking_value: { expression: "sum(fct_bookings.booking_value)", ...bookings },
  bookings: { expression: "count(fct_bookings)", ...bookings },
  bookers: { expression: "count(distinct fct_bookings.guest_id)", ...bookings },
  referred_bookings: { expression: "count(fct_bookings.referrer_id)", ...bookings },
  min_booking_value: { expression: "min(fct_bookings.booking_value)", ...bookings },
  max_booking_value: { expression: "max(fct_bookings.booking_value)", ...bookings },
  average_booking_value: { expression: "avg(fct_bookings.booking_value)", ...bookings },
  booking_fees: { expression: "sum(fct_bookings.booking_value) * 0.05", ...bookings },
  booking_fees_per_booker: {
    expression: "sum(fct_bookings.booking_value) * 0.05 / count(distinct fct_bookings.guest_id)",
    ...bookings,
  },
  booking_value_for_non_null_listing_id: {
    expression: "sum(fct_bookings.booking_value)",
    filters: [{ term: "fct_bookings.listing_id", op: "is_not_null" }],
    ...bookings,
  },
  derived_shared_alias_1a: { expression: "{bookings} - 10" },
  derived_shared_alias_1b: { expression: "{bookings} - 100" },
  views: { expression: "count(fct_views)", ...views },
  views_times_booking_value: { expression: "{booking_value} * {views}" },
  booking_value_per_view: { expression: "{booking_value} / {views}" },
  listings: { expression: "count(dim_listings_latest)", ...listings },
  smallest_listing: { expression: "min(dim_listings_latest.capacity)", ...listings },
  largest_listing: { expression: "max(dim_listings_latest.capacity)", ...listings },
  identity_verifications: { expression: "count(fct_id_verifications)", time: "fct_id_verifications.ds" },
  revenue_all_time: { expression: "sum(fct_revenue.revenue)", time: "fct_revenue.created_at" },
  txn_count: { expression: "sum(account_month_txns.txn_count)", time: "account_month_txns.ds" },
};

/** Group-bys by name; `metric_time` is the intent's time. */
const dimensions: Readonly<Record<string, string>> = {
  booking__is_instant: "fct_bookings.is_instant",
  listing__is_lux_latest: "dim_listings_latest.is_lux",
  listing__country_latest: "dim_listings_latest.country",
  listing__capacity_latest: "dim_listings_latest.capacity",
  user__home_state_latest: "dim_users_latest.home_state_latest",
  user__company_name: "dim_companies.company_name",
  listing__lux_listing: "dim_lux_listing_id_mapping.lux_listing_id",
  guest: "fct_bookings.guest_id",
  host: "fct_bookings.host_id",
  verification__verification_type: "fct_id_verifications.verification_type",
  verification__ds_partitioned: "fct_id_verifications.ds_partitioned",
};

/** An entity is a column of its own table where a measure's table holds it. */
const entities: Readonly<Record<string, string>> = {
  booking_value: "fct_bookings.listing_id",
  bookings: "fct_bookings.listing_id",
  views: "fct_views.listing_id",
};

const links: readonly (readonly [from: string, to: string, column: string])[] = [
  ["fct_bookings", "dim_listings_latest", "listing_id"],
  ["fct_views", "dim_listings_latest", "listing_id"],
  ["fct_bookings", "dim_lux_listing_id_mapping", "listing_id"],
  ["fct_views", "dim_users_latest", "user_id"],
  ["fct_id_verifications", "dim_users_latest", "user_id"],
  ["dim_listings_latest", "dim_companies", "user_id"],
];

type Verdict = "right" | "kept" | "wrong" | "asked" | "refused" | "no words for it" | "no check query on SQLite";

/** Prints how the cases fare, all together and by file. */
export async function metricflow(data: string): Promise<void> {
  const file = join(data, "semantic/metricflow.sqlite");
  if (!existsSync(file)) {
    console.error("SKIPPED: metricflow: no semantic/metricflow.sqlite");
    return;
  }
  const cases = JSON.parse(readFileSync(join(data, "semantic/metricflow_cases.json"), "utf8")) as readonly Case[];
  const served = await servedView(`sqlite:${file}`);
  const view = { ...served, relationships: links.map(([from, to, column]) => linkOf(from, to, column)) };
  const list = Object.entries(metrics).map(([name, m]) => glossaryMetric.parse({ name, ...m }));
  const glossary: Glossary = { metrics: list, terms: [] };
  const db = new Database(file, { readonly: true });
  const counts = new Map<string, Map<Verdict, number>>();
  for (const one of cases) {
    const verdict = judge(
      one,
      (intent) => buildQuery(intent, { view, glossary, resolve: noTerms, now: 0, settings: defaultQuerySettings }),
      db,
    );
    for (const key of ["all", one.file]) {
      const own = counts.get(key) ?? new Map<Verdict, number>();
      own.set(verdict, (own.get(verdict) ?? 0) + 1);
      counts.set(key, own);
    }
  }
  db.close();
  console.log(`\nmetricflow: ${cases.length} metric queries`);
  for (const [key, own] of counts) console.log(`  ${key}`, Object.fromEntries(own));
}

function judge(one: Case, build: (intent: Intent) => ReturnType<typeof buildQuery>, db: Database.Database): Verdict {
  if (one.check_query === undefined) return "no check query on SQLite";
  const made = intentOf(one);
  if (made === undefined) return "no words for it";
  const answer = build(made.intent);
  if (answer.status === "needs_clarification") return "asked";
  if (answer.status === "refused" || answer.sql === undefined) return "refused";
  const check = db.prepare(one.check_query);
  const wanted = check.columns().map((c) => c.name);
  const names = answer.columns.map((c) => c.name);
  const at = wanted.map((w) => names.indexOf(made.names.get(w) ?? w));
  // A count that is missing is 0 by the contract (rule 1), NULL in the check queries' outer joins.
  const isMeasure = at.map((i) => answer.columns[i]?.role === "measure");
  const filled = (row: readonly unknown[]) => row.map((v, k) => (isMeasure[k] ? (v ?? 0) : v));
  const all = db
    .prepare(answer.sql)
    .raw()
    .all(...(answer.params ?? [])) as unknown[][];
  const rows = all.map((r) => filled(at.map((i) => r[i] ?? null)));
  const gold = (check.raw().all() as unknown[][]).map(filled);
  if (sameRows(rows, gold, false)) return "right";
  const keyed = isMeasure.flatMap((measure, k) => (measure ? [] : [k]));
  return unmatchedKept(rows, gold, keyed) ? "kept" : "wrong";
}

/** The case as an intent, with our names for the check query's columns. */
function intentOf(one: Case): { readonly intent: Intent; readonly names: ReadonlyMap<string, string> } | undefined {
  const [first] = one.metrics ?? [];
  if (first === undefined || one.time_constraint !== undefined) return undefined;
  if ((one.metrics ?? []).some((m) => metrics[m] === undefined)) return undefined;
  const names = new Map<string, string>();
  const groups = one.group_bys ?? [];
  const timed = groups.includes("metric_time") || groups.includes("metric_time__day");
  if (timed) names.set("metric_time__day", "day");
  const wanted = groups.filter((g) => g !== "metric_time" && g !== "metric_time__day");
  const refs = wanted.map((g) => (g === "listing" ? entities[first] : dimensions[g]));
  if (refs.some((r) => r === undefined)) return undefined;
  wanted.forEach((g) => g.endsWith("ds_partitioned") && names.set(`${g}__day`, g));
  const filters = filtersOf(one.where_filter ?? undefined);
  if (filters === undefined) return undefined;
  const intent = {
    measures: (one.metrics ?? []).map((m) => ({ term: m, as: m })),
    dimensions: wanted.map((g, i) => ({ term: refs[i], as: g })),
    ...(timed ? { time: { grain: "day" } } : {}),
    ...(filters.length === 0 ? {} : { filters }),
    ...(one.order_bys === undefined || one.order_bys === null
      ? {}
      : {
          order_by: one.order_bys.map((o) => ({
            by: o.replace(/^-/, "").replace("metric_time", "day"),
            direction: o.startsWith("-") ? "desc" : "asc",
          })),
        }),
    ...(one.limit === undefined || one.limit === null ? {} : { limit: one.limit }),
  };
  return { intent: intent as Intent, names };
}

/** `{{ render_dimension_template('x') }} = 'y'`; the models' booleans are texts in this SQLite file, so that no row passes them bare. */
function filtersOf(text: string | undefined): Record<string, unknown>[] | undefined {
  if (text === undefined || text === null) return [];
  const match = /^\{\{ render_dimension_template\(['"](\w+)['"]\) \}\} (=|>=) '?(\w+)'?$/.exec(text.trim());
  const ref = match && dimensions[match[1] ?? ""];
  if (match === null || ref === undefined || ref === null) return undefined;
  const value = /^\d+$/.test(match[3] ?? "") ? Number(match[3]) : match[3];
  return [{ term: ref, op: match[2], value }];
}

function linkOf(from: string, to: string, column: string): Relationship {
  const end = (name: string) => ({ table: { schema: "main", name }, columns: [column] });
  return { from: end(from), to: end(to), origin: "confirmed", confidence: 1, cardinality: "n:1", targetUnique: true };
}
