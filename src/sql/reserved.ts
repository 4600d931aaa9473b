/**
 * Words that must be quoted as identifiers in PostgreSQL or SQLite, in one list: a name quoted without need is still right.
 * Sources: PostgreSQL manual, appendix C (reserved, and those that cannot be a bare column label), sqlite.org/lang_keywords.html.
 */

const words = `abort action add after all alter always analyse analyze and any array as asc asymmetric attach authorization autoincrement
before begin between bigint binary bit boolean both by cascade case cast char character check coalesce collate collation column commit
concurrently conflict constraint create cross current current_catalog current_date current_role current_schema current_time
current_timestamp current_user database day dec decimal default deferrable deferred delete desc detach distinct do drop each else end escape
except exclude exclusive exists explain extract fail false fetch filter first float following for foreign freeze from full generated
glob grant greatest group grouping groups having hour if ignore ilike immediate in index indexed initially inner inout insert instead int
integer intersect interval into is isnull join json key last lateral leading least left like limit localtime localtimestamp match
materialized minute month national natural nchar no none normalize not nothing notnull null nullif nulls numeric of offset on only or order
others out outer over overlaps overlay partition placing plan position pragma preceding precision primary query raise range real
recursive references regexp reindex release rename replace restrict returning right rollback row rows savepoint second select
session_user set setof similar smallint some substring symmetric system_user table tablesample temp temporary then ties time
timestamp to trailing transaction treat trigger trim true unbounded union unique update user using vacuum values varchar variadic varying
verbose view virtual when where window with within without year`;

const reserved: ReadonlySet<string> = new Set(words.split(/\s+/));

/** Whether a bare word could be read as something else than a name, in either dialect. */
export function isReserved(word: string): boolean {
  return reserved.has(word.toLowerCase());
}
