-- Labels of enums in the type's own order: type oid, label.
SELECT enumtypid, enumlabel FROM pg_catalog.pg_enum ORDER BY enumtypid, enumsortorder
