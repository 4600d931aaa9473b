-- Oids of named tables. $1: schema names, $2: table names, side by side: oid.
SELECT c.oid FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w (s, t)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.s
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.t
