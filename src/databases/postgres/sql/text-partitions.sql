-- Bounds of partitions and keys of partitioned tables. $1: relation oids: oid, bound, key.
SELECT oid, pg_catalog.pg_get_expr(relpartbound, 0), CASE WHEN relkind = 'p' THEN pg_catalog.pg_get_partkeydef(oid) END
FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[])
