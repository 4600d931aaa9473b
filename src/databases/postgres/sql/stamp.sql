-- Hashes over the xmin of catalog rows, those of temporary tables (t) left out. One row: all of the schema; of that, what stands beside
-- tables; rights (roles, memberships, settings).
WITH t (oid) AS MATERIALIZED (
  SELECT oid FROM pg_catalog.pg_class WHERE relpersistence = 't'
), h (place, beside, rows, hash) AS (
  SELECT 1, false, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_class WHERE oid >= 16384 AND relpersistence <> 't' AND relkind <> 't'
  UNION ALL SELECT 2, false, count(*), sum(hashint8(((attrelid::int8 << 32) # (attnum::int8 << 40)) # xmin::text::int8)::int8) FROM pg_catalog.pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND attrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 3, false, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_constraint WHERE oid >= 16384 AND conrelid <> 0 AND conrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 4, false, count(*), sum(hashint8((indexrelid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_index WHERE indexrelid >= 16384 AND indrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 5, false, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_trigger WHERE tgrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 6, false, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_policy
  UNION ALL SELECT 7, false, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_rewrite WHERE oid >= 16384 AND ev_class NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 8, false, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_attrdef WHERE adrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 9, false, count(*), sum(hashint8(((objoid::int8 << 32) # (objsubid::int8 << 40)) # xmin::text::int8)::int8) FROM pg_catalog.pg_description WHERE objoid >= 16384 AND classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
  UNION ALL SELECT 10, false, count(*), sum(hashint8((inhrelid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_inherits WHERE inhrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 11, false, count(*), sum(hashint8((partrelid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_partitioned_table
  UNION ALL SELECT 12, true, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd')
  UNION ALL SELECT 13, true, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_enum
  UNION ALL SELECT 14, true, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_proc WHERE oid >= 16384
  UNION ALL SELECT 15, true, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_constraint WHERE contypid <> 0
  UNION ALL SELECT 16, true, count(*), sum(hashint8(((objoid::int8 << 32) # (objsubid::int8 << 40)) # xmin::text::int8)::int8) FROM pg_catalog.pg_description WHERE objoid >= 16384 AND classoid <> 'pg_catalog.pg_class'::pg_catalog.regclass
  UNION ALL SELECT 17, true, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
  UNION ALL SELECT 18, true, count(*), sum(hashint8((seqrelid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_sequence WHERE seqrelid NOT IN (SELECT oid FROM t)
  UNION ALL SELECT 19, true, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_extension
), a (place, rows, hash) AS (
  SELECT 1, count(*), sum(hashint8((roleid::int8 << 32) # member::int8 # (xmin::text::int8 << 16))::int8) FROM pg_catalog.pg_auth_members
  UNION ALL SELECT 2, count(*), sum(hashint8((setdatabase::int8 << 32) # setrole::int8 # (xmin::text::int8 << 16))::int8) FROM pg_catalog.pg_db_role_setting
  UNION ALL SELECT 3, count(*), sum(hashtext(r::text)::int8)
    FROM (SELECT oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls FROM pg_catalog.pg_roles) AS r
  UNION ALL SELECT 4, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
)
SELECT (SELECT string_agg(rows || ':' || coalesce(hash, 0), '/' ORDER BY place) FROM h),
       (SELECT string_agg(rows || ':' || coalesce(hash, 0), '/' ORDER BY place) FROM h WHERE beside),
       (SELECT string_agg(rows || ':' || coalesce(hash, 0), '/' ORDER BY place) FROM a)
