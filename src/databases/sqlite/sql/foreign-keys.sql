-- Foreign keys. The parameter: table names as a JSON array: table, id (from the last declared), place, target table, column, target column (null: the
-- target's primary key), on update, on delete, match.
SELECT t.value, f.id, f.seq, f."table", f."from", f."to", f.on_update, f.on_delete, f.match
FROM json_each(?) AS t JOIN pragma_foreign_key_list(t.value) AS f
ORDER BY t.rowid, f.id, f.seq
