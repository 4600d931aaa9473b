-- What the file holds: type (table, index, view, trigger), name, table name, root page, SQL text (null for automatic indexes).
SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema
