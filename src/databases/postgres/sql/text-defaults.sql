-- Text of defaults of tables without generated columns: no default names a column, so relation 0 will do, and nothing is opened or
-- locked. $1: relation oids. relation oid, attnum, text
SELECT adrelid, adnum, pg_catalog.pg_get_expr(adbin, 0)
FROM pg_catalog.pg_attrdef WHERE adrelid = ANY ($1::oid[])
