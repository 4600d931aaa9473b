-- Indexes. $1: schema oids, $2: relation oids or null for all.
-- oid, table oid, name, method, unique, valid, key columns (0: an expression), number of key parts, options, collations,
-- has expressions, has predicate
SELECT i.indexrelid, i.indrelid, c.relname, m.amname, i.indisunique, i.indisvalid, i.indkey, i.indnkeyatts, i.indoption,
       i.indcollation, i.indexprs IS NOT NULL, i.indpred IS NOT NULL
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE c.relpersistence <> 't' AND c.relnamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR i.indrelid = ANY ($2::oid[]))
