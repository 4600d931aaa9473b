-- Enums and domains, and the arrays over them: oid, schema oid, name, kind (e, d, b), element oid, base oid, base modifier,
-- not null, default text, collation oid
SELECT t.oid, t.typnamespace, t.typname, t.typtype, t.typelem, t.typbasetype, t.typtypmod, t.typnotnull, t.typdefault, t.typcollation
FROM pg_catalog.pg_type AS t
WHERE t.typtype IN ('e', 'd')
UNION ALL
SELECT a.oid, a.typnamespace, a.typname, 'b', a.typelem, 0, -1, false, NULL, a.typcollation
FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_type AS a ON a.oid = t.typarray
WHERE t.typtype IN ('e', 'd')
