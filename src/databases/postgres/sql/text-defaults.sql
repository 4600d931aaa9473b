-- Text of defaults that name no column (relation 0: nothing is opened or locked). $1: relation oids.
-- relation oid, attnum, text
SELECT d.adrelid, d.adnum, pg_catalog.pg_get_expr(d.adbin, 0)
FROM pg_catalog.pg_attrdef AS d
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = ANY ($1::oid[]) AND a.attgenerated = ''
