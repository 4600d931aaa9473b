-- Comments: class oid, object oid, column number, text. $1: relation oids or null for all.
SELECT classoid, objoid, objsubid, description
FROM pg_catalog.pg_description
WHERE objoid >= 16384
  AND classoid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass,
                   'pg_catalog.pg_namespace'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)
  AND ($1::oid[] IS NULL OR objoid = ANY ($1::oid[]))
