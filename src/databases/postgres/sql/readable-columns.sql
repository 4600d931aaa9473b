-- Of tables that the role may not read whole ($1: oids), the columns that it may: relation oid, attnum.
SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
  AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
