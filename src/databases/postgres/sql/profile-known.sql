-- What ANALYZE knows of the columns of table $2 in schema $1, as far as the role may read them. One row a column:
-- name, distinct values (negative: as a share of the rows), share of NULLs, most common values and their shares, histogram bounds (JSON arrays or NULL).
SELECT attname, n_distinct, null_frac, to_json(most_common_vals::text::text[]), to_json(most_common_freqs),
  to_json(histogram_bounds::text::text[])
FROM pg_catalog.pg_stats
WHERE schemaname = $1 AND tablename = $2 AND NOT inherited
