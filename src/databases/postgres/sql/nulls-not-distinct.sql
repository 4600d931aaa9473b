-- PostgreSQL 15 and later: unique indexes for which nulls are equal: oid.
SELECT indexrelid FROM pg_catalog.pg_index WHERE indnullsnotdistinct
