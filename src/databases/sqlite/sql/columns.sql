-- Columns. The parameter: table names as a JSON array: table, cid, name, type, not null, default text, place in the primary key (1-based, 0: none),
-- hidden (1: virtual table's own, 2: generated virtual, 3: generated stored).
SELECT t.value, x.cid, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
FROM json_each(?) AS t JOIN pragma_table_xinfo(t.value) AS x
