-- The server and this session. One row: version text, version number, database oid, system identifier (null where the role may not
-- ask), first schema of the search path, the whole path as a JSON array, block size, role that bypasses row security, in recovery.
SELECT pg_catalog.current_setting('server_version'),
       pg_catalog.current_setting('server_version_num'),
       (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
       CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
            THEN (SELECT system_identifier FROM pg_catalog.pg_control_system()) END,
       pg_catalog.current_schema(),
       pg_catalog.array_to_json(pg_catalog.current_schemas(false)),
       pg_catalog.current_setting('block_size'),
       (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user),
       pg_catalog.pg_is_in_recovery()
