-- Triggers that people made. $1: relation oids or null for all: oid, table oid, name, type bits, enabled.
SELECT oid, tgrelid, tgname, tgtype, tgenabled FROM pg_catalog.pg_trigger
WHERE NOT tgisinternal AND ($1::oid[] IS NULL OR tgrelid = ANY ($1::oid[]))
