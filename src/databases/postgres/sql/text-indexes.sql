-- Text of index parts. $1: index oids: oid, key parts as a JSON array, predicate.
SELECT i.indexrelid,
       (SELECT pg_catalog.json_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, true) ORDER BY n) FROM pg_catalog.generate_series(1, i.indnkeyatts::int4) AS n),
       pg_catalog.pg_get_expr(i.indpred, i.indrelid)
FROM pg_catalog.pg_index AS i WHERE i.indexrelid = ANY ($1::oid[])
