-- Indexes with their key parts. The parameter: table names as a JSON array: table, index, unique, origin (c, u, pk), partial, place,
-- cid (-1: rowid, -2: an expression), column, descending, collation.
SELECT t.value, l.name, l."unique", l.origin, l.partial, x.seqno, x.cid, x.name, x."desc", x.coll
FROM json_each(?) AS t JOIN pragma_index_list(t.value) AS l JOIN pragma_index_xinfo(l.name) AS x
WHERE x.key = 1 ORDER BY t.rowid, l.seq, x.seqno
