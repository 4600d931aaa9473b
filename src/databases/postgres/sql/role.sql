-- Whether the role in force is superuser or bypasses row security. One row.
SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user
