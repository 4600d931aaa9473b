/**
 * Relations as they arrive: each row of the catalogs is put where it belongs at once, columns in their final form, so that a schema of
 * 100,000 columns is never held twice. What is told by other rows (names of types, texts) is filled in later.
 */

import type { Column, TableName } from "../../schema/snapshot.js";
import { grantsOf } from "./grants.js";
import type { RawRow } from "./wire.js";

export type Oid = string;
export type Mutable<T> = { -readonly [P in keyof T]: T[P] };

export interface RelationDraft {
  readonly oid: Oid;
  readonly schema: string;
  readonly name: string;
  readonly row: RawRow;
  /** By attnum (from 1), as the catalogs' number lists print it; dropped ones are holes. `type` is the key of the type's name until that is read. */
  readonly byAttnum: Mutable<Column>[];
  hasDefaults: boolean;
  /** Attnums of generated columns. */
  generated: Set<number> | undefined;
  /** By attnum, where it is not the default one. */
  collations: Map<number, Oid> | undefined;
  readonly constraints: RawRow[];
  readonly indexes: RawRow[];
  readonly triggers: RawRow[];
  readonly policies: RawRow[];
  readonly parents: Oid[];
  readonly reads: Oid[];
}

/** What must be known before columns can be read: by oid. */
export interface ColumnContext {
  readonly schemaNames: ReadonlyMap<Oid, string>;
  /** Enums, domains and arrays over them: rows of `types.sql`. */
  readonly types: ReadonlyMap<Oid, RawRow>;
  readonly collations: ReadonlyMap<Oid, string>;
  /** Comments of columns by relation oid and attnum. */
  readonly columnComments: ReadonlyMap<Oid, ReadonlyMap<string, string>>;
}

export function draftOf(row: RawRow, schema: string): RelationDraft {
  return {
    oid: row[0] ?? "",
    schema,
    name: row[2] ?? "",
    row,
    byAttnum: [],
    hasDefaults: false,
    generated: undefined,
    collations: undefined,
    constraints: [],
    indexes: [],
    triggers: [],
    policies: [],
    parents: [],
    reads: [],
  };
}

/** Columns in order. */
export function columnsOf(relation: RelationDraft): Mutable<Column>[] {
  return relation.byAttnum.filter((column) => column !== undefined);
}

/** Turns rows of `columns.sql` into columns. Keeps one copy of each text: a schema of 100,000 columns has few names and fewer types. */
export class ColumnReader {
  /** Keys of the types met: `oid:modifier`. */
  readonly typeKeys = new Set<string>();
  private readonly names = new Map<string, string>();
  private readonly keys = new Map<string, Map<string, string>>();
  private readonly links = new Map<Oid, Pick<Column, "enumType" | "domain">>();
  constructor(private readonly context: ColumnContext) {}

  /** Adds the column to its relation. */
  read(relation: RelationDraft, row: RawRow): void {
    const typeOid = row[3] ?? "";
    const attnum = Number(row[1]);
    const column: Mutable<Column> = {
      name: this.name(row[2] ?? ""),
      type: this.typeKey(typeOid, row[4] ?? "-1"),
      nullable: row[5] === null,
    };
    relation.byAttnum[attnum] = column;
    const generated = row[8];
    if (row[6] !== null) relation.hasDefaults = true;
    if (generated !== null && generated !== undefined) {
      (relation.generated ??= new Set<number>()).add(attnum);
      column.generated = { expression: "", stored: generated === "s" };
    }
    const identity = row[7];
    if (identity !== null) column.identity = identity === "a" ? "always" : "by_default";
    const comment = this.context.columnComments.get(relation.oid)?.get(row[1] ?? "");
    if (comment !== undefined) column.comment = comment;
    const collation = row[9];
    if (collation !== null && collation !== undefined) {
      (relation.collations ??= new Map<number, Oid>()).set(attnum, collation);
      this.collate(column, typeOid, collation);
    }
    const links = this.linksOf(typeOid);
    if (links !== noLinks) Object.assign(column, links);
    const grants = row[10] === null ? undefined : grantsOf(row[10]);
    if (grants !== undefined) column.grants = grants;
  }

  private name(text: string): string {
    const known = this.names.get(text);
    if (known !== undefined) return known;
    this.names.set(text, text);
    return text;
  }

  private typeKey(oid: string, modifier: string): string {
    let ofType = this.keys.get(oid);
    if (ofType === undefined) this.keys.set(oid, (ofType = new Map<string, string>()));
    let key = ofType.get(modifier);
    if (key === undefined) {
      key = `${oid}:${modifier}`;
      ofType.set(modifier, key);
      this.typeKeys.add(key);
    }
    return key;
  }

  /** A collation is told where it is not the type's own. */
  private collate(column: Mutable<Column>, typeOid: Oid, collation: Oid): void {
    if (this.context.types.get(typeOid)?.[9] === collation || builtInCollations[typeOid] === collation) return;
    const name = this.context.collations.get(collation);
    if (name !== undefined) column.collation = name;
  }

  private linksOf(oid: Oid): Pick<Column, "enumType" | "domain"> {
    const known = this.links.get(oid);
    if (known !== undefined) return known;
    const found = this.findLinks(oid);
    this.links.set(oid, found);
    return found;
  }

  private findLinks(oid: Oid): Pick<Column, "enumType" | "domain"> {
    const type = this.context.types.get(oid);
    if (type === undefined) return noLinks;
    const name: TableName = { schema: this.context.schemaNames.get(type[1] ?? "") ?? "", name: type[2] ?? "" };
    if (type[3] === "e") return { enumType: name };
    if (type[3] === "d") return { ...this.linksOf(type[5] ?? ""), domain: name };
    return this.linksOf(type[4] ?? "");
  }
}

const noLinks = {};

/** `name` collates as "C" by itself (oid 950). */
const builtInCollations: Readonly<Record<string, string>> = { "19": "950", "1003": "950" };
