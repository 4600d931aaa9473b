-- One hash a table over the xmin of its catalog rows, those of its indexes' names included: schema name, table name, hash.
-- Asked only when the hash over everything has changed.
WITH r (id, hash) AS (
  SELECT attrelid, hashint8((attnum::int8 << 32) # xmin::text::int8)::int8 FROM pg_catalog.pg_attribute WHERE attrelid >= 16384 AND attnum > 0
  UNION ALL SELECT conrelid, hashint8((oid::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_constraint WHERE conrelid >= 16384
  UNION ALL SELECT i.indrelid, hashint8((i.indexrelid::int8 << 32) # i.xmin::text::int8)::int8 + hashint8(x.xmin::text::int8)
    FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid WHERE i.indrelid >= 16384
  UNION ALL SELECT adrelid, hashint8((oid::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_attrdef
  UNION ALL SELECT tgrelid, hashint8((oid::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_trigger
  UNION ALL SELECT polrelid, hashint8((oid::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_policy
  UNION ALL SELECT ev_class, hashint8((oid::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_rewrite WHERE ev_class >= 16384
  UNION ALL SELECT inhrelid, hashint8((inhparent::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_inherits
  UNION ALL SELECT partrelid, hashint8(xmin::text::int8) FROM pg_catalog.pg_partitioned_table
  UNION ALL SELECT objoid, hashint8((objsubid::int8 << 32) # xmin::text::int8) FROM pg_catalog.pg_description
    WHERE classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objoid >= 16384
), g (id, hash) AS (
  SELECT id, sum(hash) FROM r GROUP BY id
)
SELECT n.nspname, c.relname, g.hash + hashint8((c.oid::int8 << 32) # c.xmin::text::int8)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN g ON g.id = c.oid
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'sextant_watch')
