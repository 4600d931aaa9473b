-- Indexes. $1: schema oids, $2: relation oids or null for all.
-- oid, table oid, name, method (null: btree), unique, valid, key columns (0: an expression), number of key parts, options, collations,
-- has expressions, has predicate, operator classes by key part.
-- What most indexes are (btree, valid, of plain columns) travels as null: it costs nothing to send or to read.
SELECT i.indexrelid, i.indrelid, c.relname,
       CASE WHEN c.relam <> 403 THEN (SELECT m.amname FROM pg_catalog.pg_am AS m WHERE m.oid = c.relam) END,
       NULLIF(i.indisunique, false), NULLIF(i.indisvalid, true), i.indkey, i.indnkeyatts, i.indoption, i.indcollation,
       NULLIF(i.indexprs IS NOT NULL, false), NULLIF(i.indpred IS NOT NULL, false), i.indclass
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
WHERE c.relpersistence <> 't' AND c.relnamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR i.indrelid = ANY ($2::oid[]))
