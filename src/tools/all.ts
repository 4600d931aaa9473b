/** Every tool of the contract, wired with the configuration as it is when a call comes. */

import { configuredPolicy } from "../access/policy.js";
import { camelKeys } from "../config/rooms.js";
import type { Config } from "../config/schema.js";
import { createSuccesses } from "../learning/successes.js";
import { defaultQuerySettings } from "../query/settings.js";
import { mapTerm } from "../terms/map.js";
import { buildTermIndex } from "../terms/term-index.js";
import { buildQueryTool } from "./build_query.js";
import { discoverSchemaTool } from "./discover_schema.js";
import { mapTermTool } from "./map_term.js";
import { recordFeedbackTool } from "./record_feedback.js";
import type { ResultCache } from "./result-cache.js";
import { runQueryTool } from "./run_query.js";
import { schemaChangesTool } from "./schema_changes.js";
import type { Tool } from "./tool.js";
import { validateQueryTool } from "./validate_query.js";
import { witnessed } from "./witness.js";

/** `mayLearn` says whether feedback is taken now; `results` is where rows are kept, where a lifetime is configured for them. */
export function createTools(
  config: () => Config,
  mayLearn: () => boolean,
  results?: Omit<ResultCache, "ttlMs">,
): readonly Tool[] {
  const build = buildQueryTool({
    get settings() {
      const { query } = config();
      return {
        ...defaultQuerySettings,
        minLinkConfidence: query.min_link_confidence,
        timeZone: query.time_zone,
        fiscalYearStart: query.fiscal_year_start,
        softDeletes: query.soft_deletes,
      };
    },
    explain: true,
    get askClientModel() {
      return config().query.ask_client_model;
    },
    get askPerson() {
      return config().query.ask_person;
    },
    resolverOf(live, glossary, learned, correction) {
      const index = buildTermIndex(live, glossary);
      return (request) => mapTerm(index, request, learned, correction);
    },
  });
  const checked = {
    policyOf: (live: { readonly snapshot: { readonly dialect: "sqlite" | "postgres" } }) =>
      configuredPolicy(live.snapshot.dialect, "reader", camelKeys(config().access)),
    get maxCost() {
      return config().query.max_cost;
    },
  };
  const run = runQueryTool({
    policyOf: checked.policyOf,
    get maxCost() {
      return checked.maxCost;
    },
    get defaultRows() {
      return config().query.default_rows;
    },
    get maxRows() {
      return config().query.max_rows;
    },
    get maxBytes() {
      return config().query.max_bytes;
    },
    get timeoutMs() {
      return config().query.timeout_ms;
    },
    get results() {
      return results && { ...results, ttlMs: config().query.result_ttl_ms };
    },
  });
  const reading = [discoverSchemaTool, mapTermTool, build, validateQueryTool(checked), schemaChangesTool];
  const tools = [...reading, ...(config().query.run ? [run] : []), recordFeedbackTool(mayLearn)];
  return witnessed(tools, createSuccesses(), mayLearn);
}
