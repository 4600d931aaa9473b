-- Constraints of tables and domains. $1: schema oids, $2: relation oids or null for all (then those of domains as well).
-- oid, name, relation oid, domain oid, kind, deferrable, deferred, validated, target oid, on update, on delete, match,
-- columns, target columns, index oid, parent constraint oid.
-- What most constraints are (not deferrable, validated, without action) travels as null.
SELECT n.oid, n.conname, n.conrelid, NULLIF(n.contypid, 0), n.contype, NULLIF(n.condeferrable, false), NULLIF(n.condeferred, false),
       NULLIF(n.convalidated, true), NULLIF(n.confrelid, 0), NULLIF(NULLIF(n.confupdtype, ' '), 'a'), NULLIF(NULLIF(n.confdeltype, ' '), 'a'),
       NULLIF(NULLIF(n.confmatchtype, ' '), 's'), n.conkey, n.confkey, NULLIF(n.conindid, 0), NULLIF(n.conparentid, 0)
FROM pg_catalog.pg_constraint AS n
WHERE n.contype IN ('p', 'u', 'f', 'c', 'x') AND n.connamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR n.conrelid = ANY ($2::oid[]))
