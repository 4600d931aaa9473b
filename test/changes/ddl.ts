/**
 * Random DDL with ground truth: a small model of a schema, statements over it, and for each the marks that a diff must say. The generator
 * knows what it did and never reads a catalog. A seed gives the same steps on every machine.
 */

export type Dialect = "postgres" | "sqlite";

export interface Step {
  readonly sql: readonly string[];
  /** `kind object`, with ` < former` for a rename: what must be said, no more and no less. */
  readonly marks: readonly string[];
}

interface Col {
  name: string;
  type: string;
  nullable: boolean;
  value?: string;
}

interface Tab {
  name: string;
  cols: Col[];
  key: string;
  indexes: Map<string, string>;
  uniques: Map<string, string>;
  checks: Map<string, string>;
  keys: Map<string, string>;
  comment?: string;
}

/** A step that does not apply to the present schema. */
const none: Step = { sql: [], marks: [] };

const kinds: Readonly<Record<Dialect, readonly string[]>> = {
  postgres: ["integer", "text", "numeric(10,2)", "date"],
  sqlite: ["INTEGER", "TEXT", "REAL", "DATE"],
};

export class Generator {
  private readonly tables: Tab[] = [];
  private readonly views = new Map<string, string>();
  private readonly enums = new Map<string, string[]>();
  private serial = 0;
  private seed: number;

  constructor(
    private readonly dialect: Dialect,
    seed: number,
  ) {
    this.seed = seed;
  }

  /** The next step that applies. */
  next(): Step {
    const shared: (readonly [number, () => Step])[] = [
      [this.tables.length < 12 ? 4 : 1, () => this.addTable()],
      [1, () => this.dropTable()],
      [1, () => this.recreateTable()],
      [3, () => this.renameTable()],
      [6, () => this.addColumn()],
      [3, () => this.dropColumn()],
      [6, () => this.renameColumn()],
      [2, () => this.addIndex()],
      [1, () => this.dropIndex()],
      [1, () => this.addView()],
      [1, () => this.dropView()],
      [1, () => this.changeView()],
    ];
    const postgres: (readonly [number, () => Step])[] = [
      [2, () => this.retype()],
      [2, () => this.nullability()],
      [2, () => this.changeDefault()],
      [1, () => this.addUnique()],
      [1, () => this.dropUnique()],
      [1, () => this.addCheck()],
      [1, () => this.dropCheck()],
      [1, () => this.addForeignKey()],
      [1, () => this.dropForeignKey()],
      [1, () => this.comment()],
      [1, () => this.enumStep()],
      [1, () => this.swapTables()],
      [1, () => this.swapColumns()],
      [1, () => this.replaceColumn()],
      [1, () => this.manyRenames()],
      [1, () => this.renameAndChange()],
    ];
    const choices = this.dialect === "postgres" ? [...shared, ...postgres] : shared;
    for (;;) {
      const step = this.weighted(choices)();
      if (step.sql.length > 0) return step;
    }
  }

  private addTable(): Step {
    const table: Tab = {
      name: this.name("t"),
      cols: [],
      key: "id",
      indexes: new Map(),
      uniques: new Map(),
      checks: new Map(),
      keys: new Map(),
    };
    table.cols.push({ name: "id", type: kinds[this.dialect][0] ?? "", nullable: this.dialect === "sqlite" });
    for (let i = this.below(4) + 1; i > 0; i--) table.cols.push(this.column());
    this.tables.push(table);
    return { sql: [this.createSql(table)], marks: [`table_added ${table.name}`] };
  }

  private dropTable(): Step {
    const table = this.pick(this.tables.filter((t) => !this.isReferenced(t) && this.tables.length > 4));
    if (table === undefined) return none;
    this.tables.splice(this.tables.indexOf(table), 1);
    return { sql: [`DROP TABLE ${table.name}`], marks: [`table_removed ${table.name}`] };
  }

  private recreateTable(): Step {
    const table = this.pick(
      this.tables.filter(
        (t) => !this.isReferenced(t) && t.keys.size === 0 && t.indexes.size + t.uniques.size + t.checks.size === 0,
      ),
    );
    if (table === undefined || this.tables.length < 3 || this.dialect === "sqlite") return none;
    delete table.comment;
    return {
      sql: [`DROP TABLE ${table.name}`, this.createSql(table)],
      marks: [`table_removed ${table.name}`, `table_added ${table.name}`],
    };
  }

  private renameTable(): Step {
    const table = this.pick(this.tables);
    if (table === undefined) return none;
    const [old, now] = [table.name, this.name("t")];
    this.rename(table, now);
    return { sql: [`ALTER TABLE ${old} RENAME TO ${now}`], marks: [`table_renamed ${now} < ${old}`] };
  }

  private addColumn(): Step {
    const table = this.pick(this.tables.filter((t) => t.cols.length < 9));
    if (table === undefined) return none;
    const column = this.column();
    table.cols.push(column);
    return {
      sql: [`ALTER TABLE ${table.name} ADD COLUMN ${columnSql(column)}`],
      marks: [`column_added ${table.name}.${column.name}`],
    };
  }

  private dropColumn(): Step {
    const found = this.freeColumn();
    if (found === undefined) return none;
    const [table, column] = found;
    table.cols.splice(table.cols.indexOf(column), 1);
    return {
      sql: [`ALTER TABLE ${table.name} DROP COLUMN ${column.name}`],
      marks: [`column_removed ${table.name}.${column.name}`],
    };
  }

  private renameColumn(): Step {
    const table = this.pick(this.tables);
    const column = table && this.pick(table.cols);
    if (table === undefined || column === undefined) return none;
    const [old, now] = [column.name, this.name("c")];
    this.renameIn(table, column, now);
    return {
      sql: [`ALTER TABLE ${table.name} RENAME COLUMN ${old} TO ${now}`],
      marks: [`column_renamed ${table.name}.${now} < ${table.name}.${old}`],
    };
  }

  private addIndex(): Step {
    const table = this.pick(this.tables);
    const column = table && this.pick(table.cols);
    if (table === undefined || column === undefined) return none;
    const name = this.name("ix");
    table.indexes.set(name, column.name);
    const where = this.below(3) === 0 ? ` WHERE ${column.name} IS NOT NULL` : "";
    return {
      sql: [`CREATE INDEX ${name} ON ${table.name} (${column.name})${where}`],
      marks: [`index_added ${table.name}.${name}`],
    };
  }

  private dropIndex(): Step {
    const table = this.pick(this.tables.filter((t) => t.indexes.size > 0));
    const name = table && this.pick([...table.indexes.keys()]);
    if (table === undefined || name === undefined) return none;
    table.indexes.delete(name);
    return { sql: [`DROP INDEX ${name}`], marks: [`index_removed ${table.name}.${name}`] };
  }

  private addView(): Step {
    const table = this.pick(this.tables.filter((t) => ![...this.views.values()].includes(t.name)));
    if (table === undefined || this.views.size > 3) return none;
    const name = this.name("v");
    this.views.set(name, table.name);
    return {
      sql: [`CREATE VIEW ${name} AS SELECT ${table.key} AS k FROM ${table.name}`],
      marks: [`view_added ${name}`],
    };
  }

  private dropView(): Step {
    const name = this.pick([...this.views.keys()]);
    if (name === undefined) return none;
    this.views.delete(name);
    return { sql: [`DROP VIEW ${name}`], marks: [`view_removed ${name}`] };
  }

  private changeView(): Step {
    const name = this.pick([...this.views.keys()]);
    const table = this.tables.find((t) => t.name === this.views.get(name ?? ""));
    if (name === undefined || table === undefined) return none;
    const sql = `CREATE VIEW ${name} AS SELECT ${table.key} AS k FROM ${table.name} WHERE ${table.key} > ${this.serial++}`;
    return { sql: [`DROP VIEW ${name}`, sql], marks: [`view_changed ${name}`] };
  }

  private retype(): Step {
    const table = this.pick(this.tables);
    const column =
      table &&
      this.pick(table.cols.filter((c) => c.value === undefined && c.type === "integer" && this.isFree(table, c)));
    if (table === undefined || column === undefined) return none;
    column.type = "bigint";
    return {
      sql: [`ALTER TABLE ${table.name} ALTER COLUMN ${column.name} TYPE bigint`],
      marks: [`column_type_changed ${table.name}.${column.name}`],
    };
  }

  private nullability(): Step {
    const table = this.pick(this.tables);
    const column = table && this.pick(table.cols.filter((c) => c.name !== table.key));
    if (table === undefined || column === undefined) return none;
    column.nullable = !column.nullable;
    const verb = column.nullable ? "DROP" : "SET";
    return {
      sql: [`ALTER TABLE ${table.name} ALTER COLUMN ${column.name} ${verb} NOT NULL`],
      marks: [`column_nullability_changed ${table.name}.${column.name}`],
    };
  }

  private changeDefault(): Step {
    const table = this.pick(this.tables);
    const column = table && this.pick(table.cols.filter((c) => c.type === "integer" || c.type === "bigint"));
    if (table === undefined || column === undefined) return none;
    column.value = String(this.serial++);
    return {
      sql: [`ALTER TABLE ${table.name} ALTER COLUMN ${column.name} SET DEFAULT ${column.value}`],
      marks: [`column_default_changed ${table.name}.${column.name}`],
    };
  }

  private addUnique(): Step {
    return this.addConstraint(
      "uq",
      (t) => t.uniques,
      (c) => `UNIQUE (${c})`,
      "unique_added",
    );
  }

  private dropUnique(): Step {
    return this.dropConstraint((t) => t.uniques, "unique_removed");
  }

  private addCheck(): Step {
    return this.addConstraint(
      "ck",
      (t) => t.checks,
      (c) => `CHECK (${c} IS NOT NULL)`,
      "check_added",
    );
  }

  private dropCheck(): Step {
    return this.dropConstraint((t) => t.checks, "check_removed");
  }

  private addForeignKey(): Step {
    const [table, target] = [this.pick(this.tables), this.pick(this.tables)];
    const column = table && this.pick(table.cols.filter((c) => c.type === "integer"));
    if (
      table === undefined ||
      target === undefined ||
      column === undefined ||
      target.cols.find((c) => c.name === target.key)?.type !== "integer"
    )
      return none;
    const name = this.name("fk");
    table.keys.set(name, column.name);
    this.targets.set(name, target);
    return {
      sql: [
        `ALTER TABLE ${table.name} ADD CONSTRAINT ${name} FOREIGN KEY (${column.name}) REFERENCES ${target.name} (${target.key})`,
      ],
      marks: [`foreign_key_added ${table.name}.${name}`],
    };
  }

  private dropForeignKey(): Step {
    return this.dropConstraint((t) => t.keys, "foreign_key_removed");
  }

  private comment(): Step {
    const table = this.pick(this.tables);
    if (table === undefined) return none;
    table.comment = `note ${this.serial++}`;
    return { sql: [`COMMENT ON TABLE ${table.name} IS '${table.comment}'`], marks: [`comment_changed ${table.name}`] };
  }

  private enumStep(): Step {
    const name = this.pick([...this.enums.keys()]);
    const values = this.enums.get(name ?? "");
    if (name === undefined || values === undefined || this.enums.size < 3) {
      const fresh = this.name("e");
      this.enums.set(fresh, ["low", "high"]);
      return { sql: [`CREATE TYPE ${fresh} AS ENUM ('low', 'high')`], marks: [`enum_added ${fresh}`] };
    }
    const value = this.name("value");
    if (this.below(2) === 0) {
      values.push(value);
      return { sql: [`ALTER TYPE ${name} ADD VALUE '${value}'`], marks: [`enum_value_added ${name}`] };
    }
    const at = this.below(values.length);
    const old = values[at] ?? "";
    values[at] = value;
    return { sql: [`ALTER TYPE ${name} RENAME VALUE '${old}' TO '${value}'`], marks: [`enum_value_renamed ${name}`] };
  }

  private swapTables(): Step {
    const [a, b] = [this.pick(this.tables), this.pick(this.tables)];
    if (a === undefined || b === undefined || a === b) return none;
    const [x, y] = [a.name, b.name];
    const away = this.name("t");
    this.rename(a, away);
    this.rename(b, x);
    this.rename(a, y);
    return {
      sql: [
        `ALTER TABLE ${x} RENAME TO ${away}`,
        `ALTER TABLE ${y} RENAME TO ${x}`,
        `ALTER TABLE ${away} RENAME TO ${y}`,
      ],
      marks: [`table_renamed ${y} < ${x}`, `table_renamed ${x} < ${y}`],
    };
  }

  private swapColumns(): Step {
    const table = this.pick(this.tables.filter((t) => t.cols.length > 2 && t.checks.size === 0));
    const [a, b] = [table?.cols[1], table?.cols[2]];
    if (table === undefined || a === undefined || b === undefined || !this.isFree(table, a) || !this.isFree(table, b))
      return none;
    const [x, y] = [a.name, b.name];
    const away = this.name("c");
    a.name = y;
    b.name = x;
    const step = (from: string, to: string) => `ALTER TABLE ${table.name} RENAME COLUMN ${from} TO ${to}`;
    return {
      sql: [step(x, away), step(y, x), step(away, y)],
      marks: [
        `column_renamed ${table.name}.${y} < ${table.name}.${x}`,
        `column_renamed ${table.name}.${x} < ${table.name}.${y}`,
      ],
    };
  }

  private replaceColumn(): Step {
    const found = this.freeColumn();
    if (found === undefined) return none;
    const [table, column] = found;
    table.cols.splice(table.cols.indexOf(column), 1);
    table.cols.push(column);
    return {
      sql: [
        `ALTER TABLE ${table.name} DROP COLUMN ${column.name}`,
        `ALTER TABLE ${table.name} ADD COLUMN ${columnSql(column)}`,
      ],
      marks: [`column_removed ${table.name}.${column.name}`, `column_added ${table.name}.${column.name}`],
    };
  }

  private manyRenames(): Step {
    const steps = [this.renameTable(), this.renameTable(), this.renameColumn(), this.renameColumn()];
    const touched = steps
      .flatMap((s) => s.marks)
      .join(" ")
      .split(/[\s<]+/u);
    // Two renames of one thing within a step are one rename; the model keeps it simple and undoes nothing: such a step is told apart.
    const names = touched.filter((w) => !w.includes("_renamed")).map((w) => w.split(".")[0]);
    const apart =
      new Set(names).size === names.length - 2 && steps[2]?.sql[0]?.split(" ")[2] !== steps[3]?.sql[0]?.split(" ")[2];
    const renamedTables = new Set([steps[0], steps[1]].map((s) => s?.sql[0]?.split(" ")[5]));
    const clash = [steps[2], steps[3]].some((s) => renamedTables.has(s?.sql[0]?.split(" ")[2]));
    const sql = steps.flatMap((s) => s.sql);
    return apart && !clash ? { sql, marks: steps.flatMap((s) => s.marks) } : { sql, marks: ["*"] };
  }

  private renameAndChange(): Step {
    const table = this.pick(this.tables.filter((t) => t.cols.length < 9));
    if (table === undefined) return none;
    const [old, now] = [table.name, this.name("t")];
    this.rename(table, now);
    const column = this.column();
    table.cols.push(column);
    return {
      sql: [`ALTER TABLE ${old} RENAME TO ${now}`, `ALTER TABLE ${now} ADD COLUMN ${columnSql(column)}`],
      marks: [`table_renamed ${now} < ${old}`, `column_added ${now}.${column.name}`],
    };
  }

  private readonly targets = new Map<string, Tab>();

  private addConstraint(
    prefix: string,
    of: (t: Tab) => Map<string, string>,
    sql: (column: string) => string,
    kind: string,
  ): Step {
    const table = this.pick(this.tables);
    const column = table && this.pick(table.cols);
    if (table === undefined || column === undefined) return none;
    const name = this.name(prefix);
    of(table).set(name, column.name);
    return {
      sql: [`ALTER TABLE ${table.name} ADD CONSTRAINT ${name} ${sql(column.name)}`],
      marks: [`${kind} ${table.name}.${name}`],
    };
  }

  private dropConstraint(of: (t: Tab) => Map<string, string>, kind: string): Step {
    const table = this.pick(this.tables.filter((t) => of(t).size > 0));
    const name = table && this.pick([...of(table).keys()]);
    if (table === undefined || name === undefined) return none;
    of(table).delete(name);
    this.targets.delete(name);
    return { sql: [`ALTER TABLE ${table.name} DROP CONSTRAINT ${name}`], marks: [`${kind} ${table.name}.${name}`] };
  }

  private createSql(table: Tab): string {
    return `CREATE TABLE ${table.name} (${table.cols.map((c) => columnSql(c) + (c.name === table.key ? " PRIMARY KEY" : "")).join(", ")})`;
  }

  private rename(table: Tab, now: string): void {
    for (const [view, name] of this.views) if (name === table.name) this.views.set(view, now);
    table.name = now;
  }

  private renameIn(table: Tab, column: Col, now: string): void {
    for (const map of [table.indexes, table.uniques, table.checks, table.keys]) {
      for (const [name, of] of map) if (of === column.name) map.set(name, now);
    }
    if (table.key === column.name) table.key = now;
    column.name = now;
  }

  private isReferenced(table: Tab): boolean {
    return [...this.targets.values()].includes(table) || [...this.views.values()].includes(table.name);
  }

  private isFree(table: Tab, column: Col): boolean {
    const used = [table.indexes, table.uniques, table.checks, table.keys].some((map) =>
      [...map.values()].includes(column.name),
    );
    return !used && column.name !== table.key;
  }

  private freeColumn(): readonly [Tab, Col] | undefined {
    const table = this.pick(this.tables.filter((t) => t.cols.length > 2));
    const column = table && this.pick(table.cols.filter((c) => this.isFree(table, c)));
    return table === undefined || column === undefined ? undefined : [table, column];
  }

  private column(): Col {
    return { name: this.name("c"), type: this.pick(kinds[this.dialect]) ?? "", nullable: true };
  }

  private name(prefix: string): string {
    return `${prefix}_${this.serial++}`;
  }

  private weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let at = this.below(choices.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of choices) {
      at -= weight;
      if (at < 0) return value;
    }
    throw new Error("no choices");
  }

  private pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** xorshift32 (Marsaglia 2003): the same everywhere. */
  private below(n: number): number {
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    return n <= 0 ? 0 : (this.seed >>> 0) % n;
  }
}

function columnSql(column: Col): string {
  const preset = column.value === undefined ? "" : ` DEFAULT ${column.value}`;
  return `${column.name} ${column.type}${column.nullable ? "" : " NOT NULL"}${preset}`;
}
