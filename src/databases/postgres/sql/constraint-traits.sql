-- PostgreSQL 18 and later. Constraints over periods (p: WITHOUT OVERLAPS, PERIOD) and such that are not enforced (e).
-- $1: relation oids or null for all: oid, traits.
SELECT oid, CASE WHEN conperiod THEN 'p' ELSE '' END || CASE WHEN conenforced THEN '' ELSE 'e' END
FROM pg_catalog.pg_constraint
WHERE (conperiod OR NOT conenforced) AND ($1::oid[] IS NULL OR conrelid = ANY ($1::oid[]))
