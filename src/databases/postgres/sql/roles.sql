-- Names of roles: oid, name.
SELECT oid, rolname FROM pg_catalog.pg_roles
