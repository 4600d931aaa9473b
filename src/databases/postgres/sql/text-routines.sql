-- Bodies written in standard SQL (PostgreSQL 14 and later; elsewhere the source text is the body). $1: function oids: oid, text.
SELECT oid, pg_catalog.pg_get_function_sqlbody(oid) FROM pg_catalog.pg_proc WHERE oid = ANY ($1::oid[])
