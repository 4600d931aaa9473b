/** What agents ask in the benchmarks of the cache and of the whole server: Zipf over kinds of question and over topics of the sample database. Seeded. */

/** Agents at once. */
export const agents = 50;
/** Business words, the most asked first. */
export const topics =
  "revenue,net revenue,gross margin,customer,customer name,billing address,shipping address,order,order date,order status,product,product category,unit price,quantity,discount,invoice,invoice date,due date,overdue,payment,payment method,return,refund,supplier,purchase order,employee,manager,department,headcount,region,country,account,debit,credit,journal entry,balance,budget,currency,exchange rate,fiscal month,subscription,churn,cost of sales,sales rep,tax,freight,stock,warehouse,salary,hire date".split(
    ",",
  );

export type Ask = readonly [tool: string, args: Readonly<Record<string, unknown>>];

/** Mulberry32, so that every run asks the same. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rank r with a chance as 1 / r. */
function zipf(count: number, random: () => number): number {
  const total = Array.from({ length: count }, (_, r) => 1 / (r + 1)).reduce((a, b) => a + b, 0);
  let left = random() * total;
  for (let r = 0; r < count; r += 1) {
    left -= 1 / (r + 1);
    if (left <= 0) return r;
  }
  return count - 1;
}

const overview: Ask = ["discover_schema", { detail: "overview" }];

export function question(random: () => number): Ask {
  const topic = topics[zipf(topics.length, random)] ?? "";
  const kinds: readonly Ask[] = [
    ["map_term", { terms: [topic] }],
    ["discover_schema", { about: topic, detail: "summary" }],
    ["build_query", { measures: [{ term: "*", agg: "count" }], dimensions: [{ term: topic }] }],
    overview,
  ];
  return kinds[zipf(kinds.length, random)] ?? overview;
}
