/** Whether the check and the database agree about a text, whatever it is. */

import type { CheckContext } from "../../src/check/check.js";
import { checkStatement } from "../../src/check/check.js";
import type { Connector } from "../../src/databases/connector.js";
import { SextantError } from "../../src/issue.js";

const limits = { params: [], maxRows: 1, maxBytes: 100_000, timeoutMs: 1_000 } as const;

/** What is wrong, or undefined. Valid is what runs read-only; what runs and is not valid was closed by the policy or is no query. */
export async function disagreement(
  sql: string,
  connector: Connector,
  context: CheckContext,
): Promise<string | undefined> {
  const truth = await connector.compile(sql);
  const report = await checkStatement(sql, undefined, { ...context, settings: { repair: false } });
  if (report.valid && !truth.valid) return "valid, and the database refuses it";
  if (report.valid && (truth.writes === true || !report.read_only)) return "valid, and it writes";
  if (report.valid)
    return (await endOf(sql, connector)) === "not_read_only" ? "valid, and it writes when it runs" : undefined;
  if (!truth.valid || truth.writes === true) return undefined;
  if (report.issues.some((i) => i.code.endsWith("_closed"))) return undefined;
  const isQuery = report.statement === "select" || report.statement === "unparsable";
  // PostgreSQL takes an empty text for a statement; we do not.
  // SQLite reads up to a NUL, and never sees what is behind it: such a text is refused whole.
  if (sql.includes("\0")) return undefined;
  // A lock on no table is refused by its form, and PostgreSQL takes it.
  if (/\bfor\s+(no\s+key\s+|key\s+)?(update|share)\b/i.test(sql)) return undefined;
  const isEmpty = report.statement === "unparsable" && truth.columns.length === 0;
  if (!isQuery || isEmpty) return undefined;
  return (await endOf(sql, connector)) === "ran" ? `runs, and is called ${report.issues[0]?.code}` : undefined;
}

/** How a run ends: `ran`, or the code of the error. */
async function endOf(sql: string, connector: Connector): Promise<string> {
  try {
    await connector.run({ sql, ...limits });
    return "ran";
  } catch (thrown) {
    if (thrown instanceof SextantError) return thrown.code;
    throw thrown;
  }
}
