/** Names as a statement writes them. */

import type { DialectName, SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { Relation } from "./relation.js";

/** How a relation's column is written in the statement. */
export function written(relation: Relation, column: string, snapshot: SchemaSnapshot): string {
  const name = printSql(column, snapshot.dialect);
  return relation.name === "" ? name : `${printSql(relation.name, snapshot.dialect)}.${name}`;
}

/** An identifier as SQL: quoted where PostgreSQL would fold it or the bare name would be misread. */
export function printSql(name: string, dialect: DialectName): string {
  const bareEnough = dialect === "postgres" ? /^[a-z_][a-z0-9_$]*$/.test(name) : /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  return bareEnough && !keywords.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

const keywords = new Set(
  `all analyse analyze and any array as asc between both by case cast check collate column constraint create cross current default delete desc distinct do drop else end
  except exists false fetch for foreign from full grant group having if in index inner insert intersect into is isnull join key lateral leading left like limit
  localtime natural not notnull null offset on only or order outer overlaps placing primary references right select set similar some symmetric table
  then to trailing transaction true union unique update user using values view when where window with`.split(/\s+/),
);

/** A table as SQL, its schema left out where it is the default. */
export function sqlOf(snapshot: SchemaSnapshot, table: Table): string {
  const name = printSql(table.name, snapshot.dialect);
  return table.schema === snapshot.defaultSchema ? name : `${printSql(table.schema, snapshot.dialect)}.${name}`;
}
