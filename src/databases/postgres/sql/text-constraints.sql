-- Text of check constraints (the expression) and exclusion constraints (the definition). $1: constraint oids: oid, text.
SELECT oid, CASE WHEN contype = 'c' THEN pg_catalog.pg_get_expr(conbin, conrelid) ELSE pg_catalog.pg_get_constraintdef(oid) END
FROM pg_catalog.pg_constraint WHERE oid = ANY ($1::oid[])
