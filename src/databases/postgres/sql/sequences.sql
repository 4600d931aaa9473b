-- Sequences. $1: schema oids: oid, schema oid, name, type oid, start, increment, min, max, cycles, owning table oid, its attnum.
-- What a serial column's sequence has (from 1 by 1, to the end of bigint) travels as null.
SELECT c.oid, c.relnamespace, c.relname, s.seqtypid, NULLIF(s.seqstart, 1), NULLIF(s.seqincrement, 1), NULLIF(s.seqmin, 1),
       NULLIF(s.seqmax, 9223372036854775807), NULLIF(s.seqcycle, false), d.refobjid, d.refobjsubid
FROM pg_catalog.pg_sequence AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
LEFT JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
WHERE c.relpersistence <> 't' AND c.relnamespace = ANY ($1::oid[])
