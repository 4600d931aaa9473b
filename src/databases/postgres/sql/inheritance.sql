-- Partitions and inheriting tables. $1: relation oids or null for all: child oid, parent oid.
SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits
WHERE ($1::oid[] IS NULL OR inhrelid = ANY ($1::oid[]))
ORDER BY inhrelid, inhseqno
