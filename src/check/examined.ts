/** What one look at a statement found out: shared by the check, the weighing of the database's word, and the repair. Types alone. */

import type { Issue } from "../issue.js";
import type { TableName } from "../schema/snapshot.js";
import type { Parsed } from "../sql/statement.js";
import type { Finding } from "./finding.js";
import type { Resolution } from "./relation.js";

/** What a database says of a statement: the part of `Connector.compile`'s answer that is used here. */
export interface CompiledTruth {
  readonly valid: boolean;
  readonly issues: readonly Issue[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly readsTables?: readonly TableName[];
  readonly writes?: boolean;
}

/** A statement with all that was found out about it. */
export interface Examined {
  readonly sql: string;
  readonly parsed: Parsed;
  readonly readOnly: boolean;
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  readonly resolution?: Resolution;
  readonly truth?: CompiledTruth;
  /** Why the database could not be asked. */
  readonly unasked?: Issue;
}
