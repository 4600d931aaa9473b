-- Hashes over the xmin of catalog rows, those of temporary relations ($1: their oids) left out. One row: of tables and indexes, by bucket (the
-- last eight bits of the oid), as `bucket:hash,…`; of what stands beside tables; of rights (roles, memberships, settings).
-- Table rows are summed up once, above all catalogs, not catalog by catalog: so parallel workers share out the largest of them too.
-- stamp-tables.sql hashes the same rows table by table.
SELECT (
  SELECT string_agg(bucket || ':' || hash, ',' ORDER BY bucket) FROM (SELECT bucket, sum(hash) AS hash FROM (
    SELECT oid::int8 & 255 AS bucket, hashint8extended((oid::int8 << 32) # xmin::text::int8, 1) AS hash FROM pg_catalog.pg_class
      WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm', 'p', 'f', 'i', 'I') AND relpersistence <> 't' AND relnamespace <> 99
    UNION ALL SELECT attrelid::int8 & 255, hashint8extended(((attrelid::int8 << 32) # (attnum::int8 << 52)) # xmin::text::int8, 2) FROM pg_catalog.pg_attribute
      WHERE attrelid >= 16384 AND attnum > 0 AND attrelid <> ALL ($1::oid[])
    UNION ALL SELECT conrelid::int8 & 255, hashint8extended((oid::int8 << 32) # xmin::text::int8, 3) FROM pg_catalog.pg_constraint
      WHERE conrelid >= 16384 AND conrelid <> ALL ($1::oid[])
    UNION ALL SELECT indrelid::int8 & 255, hashint8extended((indexrelid::int8 << 32) # xmin::text::int8, 4) FROM pg_catalog.pg_index
      WHERE indrelid >= 16384 AND indrelid <> ALL ($1::oid[])
    UNION ALL SELECT tgrelid::int8 & 255, hashint8extended((oid::int8 << 32) # xmin::text::int8, 5) FROM pg_catalog.pg_trigger
      WHERE NOT tgisinternal AND tgrelid <> ALL ($1::oid[])
    UNION ALL SELECT polrelid::int8 & 255, hashint8extended((oid::int8 << 32) # xmin::text::int8, 6) FROM pg_catalog.pg_policy
    UNION ALL SELECT ev_class::int8 & 255, hashint8extended((oid::int8 << 32) # xmin::text::int8, 7) FROM pg_catalog.pg_rewrite
      WHERE ev_class >= 16384 AND ev_class <> ALL ($1::oid[])
    UNION ALL SELECT adrelid::int8 & 255, hashint8extended((oid::int8 << 32) # xmin::text::int8, 8) FROM pg_catalog.pg_attrdef
      WHERE adrelid <> ALL ($1::oid[])
    UNION ALL SELECT objoid::int8 & 255, hashint8extended(((objoid::int8 << 32) # (objsubid::int8 << 52)) # xmin::text::int8, 9) FROM pg_catalog.pg_description
      WHERE objoid >= 16384 AND classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objoid <> ALL ($1::oid[])
    UNION ALL SELECT inhrelid::int8 & 255, hashint8extended((inhrelid::int8 << 32) # (inhparent::int8 << 8) # xmin::text::int8, 10) FROM pg_catalog.pg_inherits
      WHERE inhrelid <> ALL ($1::oid[])
    UNION ALL SELECT partrelid::int8 & 255, hashint8extended((partrelid::int8 << 32) # xmin::text::int8, 11) FROM pg_catalog.pg_partitioned_table
  ) AS h GROUP BY 1) AS b
), (
  SELECT string_agg(rows || ':' || coalesce(hash, 0), '/' ORDER BY place) FROM (
    SELECT 1, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 1)) FROM pg_catalog.pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd')
    UNION ALL SELECT 2, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 2)) FROM pg_catalog.pg_enum
    UNION ALL SELECT 3, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 3)) FROM pg_catalog.pg_proc WHERE oid >= 16384
    UNION ALL SELECT 4, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 4)) FROM pg_catalog.pg_constraint WHERE contypid <> 0
    UNION ALL SELECT 5, count(*), sum(hashint8extended(((objoid::int8 << 32) # (objsubid::int8 << 52)) # xmin::text::int8, 5)) FROM pg_catalog.pg_description WHERE objoid >= 16384 AND classoid <> 'pg_catalog.pg_class'::pg_catalog.regclass
    UNION ALL SELECT 6, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 6)) FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
    UNION ALL SELECT 7, count(*), sum(hashint8extended((seqrelid::int8 << 32) # xmin::text::int8, 7)) FROM pg_catalog.pg_sequence WHERE seqrelid <> ALL ($1::oid[])
    UNION ALL SELECT 8, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 8)) FROM pg_catalog.pg_extension
    UNION ALL SELECT 9, count(*), sum(hashint8extended((oid::int8 << 32) # xmin::text::int8, 9)) FROM pg_catalog.pg_class WHERE oid >= 16384 AND relkind IN ('S', 'c') AND relpersistence <> 't'
    -- Of composite types, a few in any schema, each by the index: OFFSET 0 keeps the planner from reading all attributes for them.
    UNION ALL SELECT 10, count(*), sum(a.hash) FROM pg_catalog.pg_class AS c, LATERAL (
      SELECT hashint8extended(((attrelid::int8 << 32) # (attnum::int8 << 52)) # xmin::text::int8, 10) AS hash FROM pg_catalog.pg_attribute
      WHERE attrelid = c.oid AND attnum > 0 OFFSET 0
    ) AS a WHERE c.oid >= 16384 AND c.relkind = 'c' AND c.relpersistence <> 't'
  ) AS h (place, rows, hash)
), (
  -- Of roles only what bears on what is seen here: the role in force and those it is a member of, and names that are printed (owners,
  -- grantees; pg_shdepend leaves out the bootstrap superuser, oid 10). Another tenant's new role is no news.
  WITH RECURSIVE mine (role) AS (
    SELECT oid FROM pg_catalog.pg_roles WHERE rolname IN (current_user, session_user)
    UNION SELECT m.roleid FROM pg_catalog.pg_auth_members AS m JOIN mine ON m.member = mine.role
  ), here (id) AS (
    SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
  ), printed (role) AS (
    SELECT 10::oid UNION SELECT refobjid FROM pg_catalog.pg_shdepend
    WHERE refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND dbid = (SELECT id FROM here)
  )
  SELECT string_agg(rows || ':' || coalesce(hash, 0), '/' ORDER BY place) FROM (
    SELECT 1, count(*), sum(hashint8((roleid::int8 << 32) # member::int8 # (xmin::text::int8 << 16))::int8) FROM pg_catalog.pg_auth_members
      WHERE member IN (SELECT role FROM mine)
    UNION ALL SELECT 2, count(*), sum(hashint8((setdatabase::int8 << 32) # setrole::int8 # (xmin::text::int8 << 16))::int8) FROM pg_catalog.pg_db_role_setting
      WHERE setrole IN (SELECT 0::oid UNION SELECT role FROM mine) AND setdatabase IN (SELECT 0::oid UNION SELECT id FROM here)
    UNION ALL SELECT 3, count(*), sum(hashtext(r::text)::int8)
      FROM (SELECT oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls FROM pg_catalog.pg_roles
            WHERE oid IN (SELECT role FROM mine UNION SELECT role FROM printed)) AS r
    UNION ALL SELECT 4, count(*), sum(hashint8((oid::int8 << 32) # xmin::text::int8)::int8) FROM pg_catalog.pg_database WHERE oid = (SELECT id FROM here)
  ) AS a (place, rows, hash)
)
