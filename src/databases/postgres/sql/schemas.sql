-- Schemas: oid, name, privileges (aclitem[] as text).
SELECT oid, nspname, nspacl FROM pg_catalog.pg_namespace
