/** The metrics' small language: what it reads, and that it passes nothing else through. */

import { describe, expect, test } from "vitest";
import { parseExpression } from "../../src/query/expression.js";

describe("expressions", () => {
  test.each([
    "sum(order_lines.qty * order_lines.unit_price)",
    "({gross revenue} - {discounts}) / {gross revenue}",
    "count(distinct orders.cust_id)",
    "count(*)",
    "sum(case when a.kind = 'x' then a.amt else -a.amt end)",
    'sum("Order Details"."Unit Price")',
    "sum(a.x) / 100",
    "avg(coalesce(a.x, 0))",
  ])("%s is read", (text) => {
    expect(parseExpression(text).ok).toBe(true);
  });

  test.each([
    "sum(a.x); drop table a",
    "sum(a.x) --",
    "pg_sleep(1)",
    "sum(a.x",
    "select 1",
    "sum(a.x) union",
    "1 +",
    "sum(a.x))",
    "load_extension('x')",
    "a constructor b",
  ])("%s is refused with its place", (text) => {
    const parsed = parseExpression(text);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? undefined : parsed.issues[0]?.at).toBeDefined();
  });

  test("binds times before plus before comparison", () => {
    const parsed = parseExpression("1 + 2 * 3 = 7");
    expect(parsed.ok && parsed.value).toMatchObject({ op: "=", left: { op: "+", right: { op: "*" } } });
  });
});
