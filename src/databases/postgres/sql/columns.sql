-- Columns of tables, views and composite types. $1: schema oids, $2: relation oids or null for all.
-- relation oid, attnum, name, type oid, type modifier, not null, has default, identity, generated, collation oid, privileges.
-- What most columns lack (no modifier, no default, the default collation, …) travels as null: it costs nothing to send or to read.
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, NULLIF(a.atttypmod, -1), NULLIF(a.attnotnull, false), NULLIF(a.atthasdef, false),
       NULLIF(a.attidentity, ''), NULLIF(a.attgenerated, ''), CASE WHEN a.attcollation NOT IN (0, 100) THEN a.attcollation END, a.attacl
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'c') AND c.relpersistence <> 't'
  AND c.relnamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR a.attrelid = ANY ($2::oid[]))
