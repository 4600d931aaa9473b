/** Filters on keys by what the rows are called that they refer to: "status" "Completed" of a `status_id`, "origin" "Paris" of an airport's code. Pure. */

import { standsFor } from "../terms/standard-codes.js";
import { saysSame } from "../terms/values.js";
import type { QueryContext } from "./answer.js";
import { type JoinGraph, keyLinks, type Link } from "./graph.js";
import type { Filter } from "./intent.js";
import type { Item } from "./resolved.js";
import { holdsOne, isSpeltSo, knownValues, sayNoNumbers } from "./stored.js";
import { isNumeric, labelColumns, typeClass } from "./tables.js";
import type { TermReader } from "./terms.js";

export class Labels {
  constructor(
    private readonly terms: TermReader,
    private readonly graph: JoinGraph,
    private readonly context: QueryContext,
  ) {}

  /** The column of a filter's values: its own, or that of the rows that a key refers to which cannot hold them itself. */
  called(item: Item, { op, value }: Pick<Filter, "op" | "value">): Item {
    const values = [value ?? []].flat();
    const link = item.via === undefined && sayNoNumbers(values) ? this.keyLink(item) : undefined;
    if (link === undefined) return item;
    const label = this.isOfNumbers(item) ? this.onlyLabel(link) : undefined;
    if (label !== undefined) {
      const key = this.terms.columnRef(item.table, item.column.name);
      const called = this.terms.columnRef(link.to, label.name);
      this.terms.assume("label", `${key} holds numbers: ${called} is what they are called.`);
      return { ...item, table: link.to, column: label, via: link };
    }
    return byValue.has(op) ? this.heldBeyond(item, values, link) : item;
  }

  private keyLink({ table, column }: Item): Link | undefined {
    const [link] = keyLinks(this.graph, table, column.name, this.context.settings.minLinkConfidence);
    return link;
  }

  private isOfNumbers({ column }: Item): boolean {
    return isNumeric(typeClass(column.type, this.terms.dialect));
  }

  /** The one text that rows are called by. */
  private onlyLabel({ to }: Link): Item["column"] | undefined {
    const labels = labelColumns(this.terms.table(to)).filter((c) => typeClass(c.type, this.terms.dialect) === "text");
    const [label, second] = labels;
    return second === undefined ? label : undefined;
  }

  /** Of a key that is known not to hold some texts the one column that does, of the rows that it refers to. */
  private heldBeyond(item: Item, values: readonly unknown[], link: Link): Item {
    const own = this.terms.table(item.table);
    if (holdsOne(item.column, own, values, this.context) !== false) return item;
    // "Germany" is held as its code.
    const { list = [] } = knownValues(item.column, own, this.context) ?? {};
    const isSame = (stored: string | number, said: string) =>
      standsFor(stored, said) || saysSame(stored, said) || isSpeltSo(String(stored), said);
    if (values.some((v) => list.some((stored) => isSame(stored, String(v))))) return item;
    const target = this.terms.table(link.to);
    const holds = (column: Item["column"]) => values.every((v) => holdsOne(column, target, [v], this.context) === true);
    const [held, other] = target.columns.filter(holds);
    if (held === undefined || other !== undefined || link.toColumns.includes(held.name)) return item;
    const key = this.terms.columnRef(item.table, item.column.name);
    const found = this.terms.columnRef(link.to, held.name);
    const said = values.map((v) => JSON.stringify(v)).join(", ");
    this.terms.assume("label", `${key} holds no ${said}: ${found} of the row that it refers to does.`);
    return { ...item, table: link.to, column: held, via: link };
  }
}

/** Operators that compare with whole values. */
const byValue: ReadonlySet<Filter["op"]> = new Set(["=", "!=", "in", "not_in"]);
