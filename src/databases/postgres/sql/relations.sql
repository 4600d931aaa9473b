-- Tables, views and composite types. $1: schema oids, $2: relation oids or null for all.
-- oid, schema oid, name, kind, persistence, rows, pages, row security, forced, is a partition, owner oid, privileges, options,
-- may select from it
SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.reltuples, c.relpages,
       c.relrowsecurity, c.relforcerowsecurity, c.relispartition, c.relowner, c.relacl, c.reloptions,
       c.relkind = 'c' OR pg_catalog.has_table_privilege(c.oid, 'SELECT')
FROM pg_catalog.pg_class AS c
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'c') AND c.relpersistence <> 't'
  AND c.relnamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR c.oid = ANY ($2::oid[]))
