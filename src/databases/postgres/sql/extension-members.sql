-- What extensions own: class oid, object oid. Hidden, so that an extension's tables are not taken for people's.
SELECT classid, objid FROM pg_catalog.pg_depend
WHERE refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND deptype = 'e'
