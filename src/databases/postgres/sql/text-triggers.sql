-- Definitions of triggers. $1: trigger oids: oid, text.
SELECT oid, pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger WHERE oid = ANY ($1::oid[])
