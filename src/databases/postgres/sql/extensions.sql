-- Extensions: oid, name, version, schema oid.
SELECT oid, extname, extversion, extnamespace FROM pg_catalog.pg_extension
