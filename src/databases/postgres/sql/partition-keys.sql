-- How partitioned tables are split. $1: relation oids or null for all: table oid, strategy, key columns (0: an expression).
SELECT partrelid, partstrat, partattrs FROM pg_catalog.pg_partitioned_table
WHERE ($1::oid[] IS NULL OR partrelid = ANY ($1::oid[]))
