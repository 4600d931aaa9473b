-- Tables as SQLite classes them: name, type (table, view, virtual, shadow), WITHOUT ROWID, STRICT.
SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
