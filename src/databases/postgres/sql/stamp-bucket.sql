-- Tables whose own oid, or that of one of their indexes, ends in one of these bytes. $1: buckets (0 to 255): oid.
SELECT oid FROM pg_catalog.pg_class
WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm', 'p', 'f') AND relpersistence <> 't' AND (oid::int8 & 255) = ANY ($1::int8[])
UNION
SELECT indrelid FROM pg_catalog.pg_index WHERE indrelid >= 16384 AND (indexrelid::int8 & 255) = ANY ($1::int8[])
