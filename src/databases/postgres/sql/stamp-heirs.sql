-- Relations with their partitions and heirs, theirs included: DDL on a parent changes them too. $1: oids: oid.
WITH RECURSIVE family (id) AS (
  SELECT pg_catalog.unnest($1::oid[])
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i JOIN family ON i.inhparent = family.id
)
SELECT id FROM family
