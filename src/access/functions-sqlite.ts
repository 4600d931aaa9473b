/**
 * SQLite's built-in functions that a read-only query may call. Source: lang_corefunc, lang_datefunc, lang_aggfunc, windowfunctions, json1, lang_mathfunc
 * on sqlite.org. Left out: what loads code, reads files, tells of the connection, or only makes large blobs.
 */

const words = (text: string): readonly string[] => text.split(/\s+/).filter((w) => w !== "");

export const sqliteFunctions: readonly string[] = words(`
  abs char coalesce concat concat_ws format glob hex if ifnull iif instr length like likelihood likely lower ltrim max min nullif octet_length printf quote random
  replace round rtrim sign soundex substr substring trim typeof unhex unicode unistr unistr_quote unlikely upper subtype
  acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power radians sin sinh sqrt tan tanh trunc
  date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp
  avg count group_concat string_agg sum total median percentile percentile_cont percentile_disc
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  json jsonb json_array jsonb_array json_array_insert jsonb_array_insert json_array_length json_error_position json_extract jsonb_extract json_insert jsonb_insert json_object jsonb_object json_patch
  jsonb_patch json_pretty json_quote json_remove jsonb_remove json_replace jsonb_replace json_set jsonb_set json_type json_valid json_group_array
  jsonb_group_array json_group_object jsonb_group_object json_each json_tree jsonb_each jsonb_tree
  regexp match bm25 highlight snippet offsets matchinfo geopoly_area geopoly_bbox geopoly_contains_point geopoly_json geopoly_overlap geopoly_within
`);

export const sqliteClosedFunctions: readonly string[] = words(`
  load_extension readfile writefile edit fts3_tokenizer fts5 fts5_* sqlite_* randomblob zeroblob last_insert_rowid changes total_changes pragma_* dbstat fsdir
  zipfile lsmode rtreecheck rtreenode rtreedepth optimize geopoly_debug geopoly_svg eval
`);
