-- Functions, procedures and aggregates. $1: schema oids: oid, schema oid, name, kind, argument types, all argument types, modes,
-- names, returned type, returns a set, volatility, security definer, language, source text
SELECT p.oid, p.pronamespace, p.proname, p.prokind, p.proargtypes, p.proallargtypes, p.proargmodes, pg_catalog.array_to_json(p.proargnames),
       p.prorettype, p.proretset, p.provolatile, p.prosecdef, l.lanname, p.prosrc
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace = ANY ($1::oid[])
