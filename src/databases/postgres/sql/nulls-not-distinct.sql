-- PostgreSQL 15 and later: unique indexes for which nulls are equal. $1: relation oids or null for all: oid.
SELECT indexrelid FROM pg_catalog.pg_index WHERE indnullsnotdistinct AND ($1::oid[] IS NULL OR indrelid = ANY ($1::oid[]))
