-- Queries of views and materialised views. $1: relation oids: oid, text.
SELECT oid, pg_catalog.pg_get_viewdef(oid) FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[])
