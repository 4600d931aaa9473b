-- PostgreSQL 18 and later. NOT NULL constraints that hold for new rows only; older rows may be null, whatever attnotnull says.
-- $1: relation oids or null for all: relation oid, attnum.
SELECT conrelid, conkey[1] FROM pg_catalog.pg_constraint
WHERE contype = 'n' AND NOT convalidated AND ($1::oid[] IS NULL OR conrelid = ANY ($1::oid[]))
