-- Relations of this database under an exclusive lock, held or waited for (a waiting one blocks newcomers too): oid.
SELECT DISTINCT relation FROM pg_catalog.pg_locks
WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
  AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
