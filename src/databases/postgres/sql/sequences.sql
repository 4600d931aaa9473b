-- Sequences. $1: schema oids: oid, schema oid, name, type oid, start, increment, min, max, cycles, owning table oid, its attnum.
SELECT c.oid, c.relnamespace, c.relname, s.seqtypid, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle, d.refobjid, d.refobjsubid
FROM pg_catalog.pg_sequence AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
LEFT JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
WHERE c.relpersistence <> 't' AND c.relnamespace = ANY ($1::oid[])
