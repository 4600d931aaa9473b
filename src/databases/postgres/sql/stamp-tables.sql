-- One hash a table over the xmin of its catalog rows, those of its indexes' names included. $1: table oids or null for all.
-- oid, schema name, table name, hash. Asked only when the hashes of stamp.sql have changed, or of tables that are said to have.
WITH r (id, hash) AS (
  SELECT attrelid, hashint8extended((attnum::int8 << 32) # xmin::text::int8, 1) FROM pg_catalog.pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND ($1::oid[] IS NULL OR attrelid = ANY ($1::oid[]))
  UNION ALL SELECT conrelid, hashint8extended((oid::int8 << 32) # xmin::text::int8, 2) FROM pg_catalog.pg_constraint WHERE conrelid >= 16384 AND ($1::oid[] IS NULL OR conrelid = ANY ($1::oid[]))
  UNION ALL SELECT i.indrelid, hashint8extended((i.indexrelid::int8 << 32) # i.xmin::text::int8, 3) # hashint8(x.xmin::text::int8)
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid WHERE i.indrelid >= 16384 AND ($1::oid[] IS NULL OR i.indrelid = ANY ($1::oid[]))
  UNION ALL SELECT adrelid, hashint8extended((oid::int8 << 32) # xmin::text::int8, 4) FROM pg_catalog.pg_attrdef WHERE $1::oid[] IS NULL OR adrelid = ANY ($1::oid[])
  UNION ALL SELECT tgrelid, hashint8extended((oid::int8 << 32) # xmin::text::int8, 5) FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND ($1::oid[] IS NULL OR tgrelid = ANY ($1::oid[]))
  UNION ALL SELECT polrelid, hashint8extended((oid::int8 << 32) # xmin::text::int8, 6) FROM pg_catalog.pg_policy WHERE $1::oid[] IS NULL OR polrelid = ANY ($1::oid[])
  UNION ALL SELECT ev_class, hashint8extended((oid::int8 << 32) # xmin::text::int8, 7) FROM pg_catalog.pg_rewrite WHERE ev_class >= 16384 AND ($1::oid[] IS NULL OR ev_class = ANY ($1::oid[]))
  UNION ALL SELECT inhrelid, hashint8extended((inhparent::int8 << 32) # xmin::text::int8, 8) FROM pg_catalog.pg_inherits WHERE $1::oid[] IS NULL OR inhrelid = ANY ($1::oid[])
  UNION ALL SELECT partrelid, hashint8extended(xmin::text::int8, 9) FROM pg_catalog.pg_partitioned_table WHERE $1::oid[] IS NULL OR partrelid = ANY ($1::oid[])
  UNION ALL SELECT objoid, hashint8extended((objsubid::int8 << 32) # xmin::text::int8, 10) FROM pg_catalog.pg_description
    WHERE classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objoid >= 16384 AND ($1::oid[] IS NULL OR objoid = ANY ($1::oid[]))
), g (id, hash) AS (
  SELECT id, sum(hash) FROM r GROUP BY id
)
SELECT c.oid, n.nspname, c.relname, coalesce(g.hash, 0) + hashint8extended((c.oid::int8 << 32) # c.xmin::text::int8, 11)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN g ON g.id = c.oid
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sextant_watch')
  AND ($1::oid[] IS NULL OR c.oid = ANY ($1::oid[]))
