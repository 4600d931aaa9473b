-- Collations: oid, name. 100 is "default".
SELECT oid, collname FROM pg_catalog.pg_collation WHERE oid <> 100
