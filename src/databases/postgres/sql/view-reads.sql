-- What views read. $1: relation oids or null for all: view oid, oid of the relation it reads.
SELECT DISTINCT r.ev_class, d.refobjid
FROM pg_catalog.pg_rewrite AS r
JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
WHERE r.rulename = '_RETURN' AND r.ev_class >= 16384 AND ($1::oid[] IS NULL OR r.ev_class = ANY ($1::oid[]))
