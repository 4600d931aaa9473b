-- Names of tables that keys point at from outside what was read ($1: oids): oid, schema name, name, then one row a column:
-- attnum, column name.
SELECT c.oid, n.nspname, c.relname, a.attnum, a.attname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.oid = ANY ($1::oid[])
