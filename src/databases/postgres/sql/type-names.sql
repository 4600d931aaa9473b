-- Types as PostgreSQL prints them. $1: type oids, $2: modifiers, side by side: printed name, in the order given.
SELECT pg_catalog.format_type(t, m) FROM ROWS FROM (pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::int4[])) WITH ORDINALITY AS p (t, m, n)
ORDER BY n
