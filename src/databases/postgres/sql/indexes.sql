-- Indexes. $1: schema oids, $2: relation oids or null for all.
-- oid, table oid, name, method, unique, valid, key columns (0: an expression), number of key parts, options, collations,
-- has expressions, has predicate, names of operator classes other than the types' own as a JSON array by key part (else null)
SELECT i.indexrelid, i.indrelid, c.relname, m.amname, i.indisunique, i.indisvalid, i.indkey, i.indnkeyatts, i.indoption,
       i.indcollation, i.indexprs IS NOT NULL, i.indpred IS NOT NULL,
       CASE WHEN i.indclass::oid[] && ARRAY(SELECT oid FROM pg_catalog.pg_opclass WHERE NOT opcdefault) THEN (
         SELECT pg_catalog.json_agg(CASE WHEN NOT o.opcdefault THEN o.opcname END ORDER BY p.at)
         FROM pg_catalog.unnest(i.indclass::oid[]) WITH ORDINALITY AS p (id, at) JOIN pg_catalog.pg_opclass AS o ON o.oid = p.id
       ) END
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
WHERE c.relpersistence <> 't' AND c.relnamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR i.indrelid = ANY ($2::oid[]))
