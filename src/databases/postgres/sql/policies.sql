-- Row-security policies. $1: relation oids or null for all: oid, table oid, name, command, permissive, role oids, has using, has check.
SELECT oid, polrelid, polname, polcmd, polpermissive, polroles, polqual IS NOT NULL, polwithcheck IS NOT NULL
FROM pg_catalog.pg_policy
WHERE ($1::oid[] IS NULL OR polrelid = ANY ($1::oid[]))
