-- Temporary relations of every session: oid.
SELECT oid FROM pg_catalog.pg_class WHERE relpersistence = 't'
