-- Constraints of tables and domains. $1: schema oids, $2: relation oids or null for all.
-- oid, name, relation oid, domain oid, kind, deferrable, deferred, validated, target oid, on update, on delete, match,
-- columns, target columns, index oid, parent constraint oid, is local
SELECT n.oid, n.conname, n.conrelid, n.contypid, n.contype, n.condeferrable, n.condeferred, n.convalidated, n.confrelid,
       n.confupdtype, n.confdeltype, n.confmatchtype, n.conkey, n.confkey, n.conindid, n.conparentid, n.conislocal
FROM pg_catalog.pg_constraint AS n
WHERE n.contype IN ('p', 'u', 'f', 'c', 'x') AND n.connamespace = ANY ($1::oid[])
  AND ($2::oid[] IS NULL OR n.conrelid = 0 OR n.conrelid = ANY ($2::oid[]))
