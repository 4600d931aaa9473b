-- Text of defaults and generated columns of tables that have such. $1: relation oids: relation oid, attnum, text.
SELECT adrelid, adnum, pg_catalog.pg_get_expr(adbin, adrelid)
FROM pg_catalog.pg_attrdef WHERE adrelid = ANY ($1::oid[])
