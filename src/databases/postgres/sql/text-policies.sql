-- Conditions of policies. $1: policy oids: oid, using, with check.
SELECT oid, pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid)
FROM pg_catalog.pg_policy WHERE oid = ANY ($1::oid[])
