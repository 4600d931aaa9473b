-- Nothing was committed between two looks that agree in all: WAL position (on a standby: replayed position), next transaction id, oldest
-- one still running.
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_insert_lsn() END,
       pg_catalog.txid_current_snapshot()
