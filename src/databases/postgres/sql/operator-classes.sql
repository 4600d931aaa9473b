-- Operator classes that are not their type's default one: oid, name.
SELECT oid, opcname FROM pg_catalog.pg_opclass WHERE NOT opcdefault
