/**
 * PostgreSQL's built-in functions that a read-only query may call: the answer depends on arguments and tables alone, nothing outside the
 * statement is read, told or changed. Reviewed by hand from the manual's chapter 9; volatility is not enough (`query_to_xml` is stable and runs SQL).
 */

const words = (text: string): readonly string[] => text.split(/\s+/).filter((w) => w !== "");

export const postgresFunctions: readonly string[] = words(`
  abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling cos cosd cosh cot cotd degrees div erf erfc exp factorial
  floor gamma gcd lcm lgamma ln log log10 min_scale mod pi pow power radians random random_normal round scale sign sin sind sinh sqrt tan tand tanh trim_scale trunc
  width_bucket greatest least coalesce nullif num_nonnulls num_nulls grouping
  ascii bit_count bit_length btrim casefold char_length character_length chr concat concat_ws convert_from convert_to crc32 crc32c decode encode format get_bit get_byte
  initcap is_normalized left length like lower lpad ltrim md5 normalize notlike octet_length overlay parse_ident position quote_ident quote_literal
  quote_nullable regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table
  regexp_substr repeat replace reverse right rpad rtrim set_bit set_byte sha224 sha256 sha384 sha512 similar_escape similar_to_escape split_part starts_with
  string_to_array string_to_table strpos substr substring to_ascii to_bin to_hex to_oct translate trim unicode_assigned unistr like_escape
  age date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days justify_hours justify_interval make_date make_interval make_time
  make_timestamp make_timestamptz overlaps timezone to_char to_date to_number to_timestamp
  now clock_timestamp statement_timestamp transaction_timestamp timeofday current_date current_time current_timestamp localtime localtimestamp
  date time timestamp timestamptz timetz interval text numeric int2 int4 int8 float4 float8 bool varchar bpchar char name
  enum_first enum_last enum_range gen_random_uuid uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version pg_typeof
  abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask network set_masklen macaddr8_set7bit
  area bound_box box center circle diagonal diameter height isclosed isopen lseg npoints path pclose point polygon popen radius slope width isparallel isperp ishorizontal isvertical
  array_agg array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position array_positions array_prepend array_remove
  array_replace array_reverse array_sample array_shuffle array_sort array_to_string array_upper cardinality trim_array unnest generate_subscripts generate_series
  isempty lower_inc lower_inf upper upper_inc upper_inf multirange range_merge range_agg range_intersect_agg int4range int8range numrange tsrange tstzrange daterange
  int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange
  array_to_json json_agg json_array json_array_elements json_array_elements_text json_array_length json_arrayagg json_build_array json_build_object json_each json_each_text
  json_exists json_extract_path json_extract_path_text json_object json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict
  json_objectagg json_object_keys json_populate_record json_populate_recordset json_query json_scalar json_serialize json_strip_nulls json_table json_to_record json_to_recordset json_typeof
  json_value json_agg_strict jsonb_agg jsonb_agg_strict jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
  jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique
  jsonb_object_agg_unique_strict jsonb_object_keys jsonb_path_exists jsonb_path_exists_tz jsonb_path_match jsonb_path_match_tz jsonb_path_query
  jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record
  jsonb_populate_recordset jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof row_to_json to_json to_jsonb
  any_value avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every max min mode percentile_cont percentile_disc regr_avgx regr_avgy
  regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
  cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
  array_to_tsvector numnode phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_delete ts_filter ts_headline ts_rank ts_rank_cd
  tsquery_phrase tsvector_to_array websearch_to_tsquery json_to_tsvector jsonb_to_tsvector
  xmlagg xmlcomment xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document xpath xpath_exists xmltext
  bernoulli system collation_for current_database current_catalog current_schema current_user session_user current_role user version
`);

/** Built-in functions that exist and stay closed, so that a refusal is not mistaken for a misspelling. Names or prefixes ending in `*`. */
export const postgresClosedFunctions: readonly string[] = words(`
  pg_* lo_* lo dblink* query_to_xml* table_to_xml* schema_to_xml* database_to_xml* cursor_to_xml* xslt_process ts_stat ts_rewrite ts_debug ts_parse ts_token_type ts_lexize
  set_config current_setting nextval currval lastval setval txid_* inet_client_addr inet_client_port inet_server_addr inet_server_port current_schemas system_user
  has_* col_description obj_description
  shobj_description to_reg* format_type row_security_active brin_* gin_* gist_* aclexplode acldefault makeaclitem loread lowrite getdatabaseencoding getpgusername
  binary_upgrade_* crosstab* connectby* fmgr_* satisfies_hash_partition mxid_age get_current_ts_config setseed
`);

/** Operators of the built-in types. Source: PostgreSQL manual, chapter 9. Another symbol could call any function. */
export const postgresOperators: readonly string[] = words(`
  + - * / % ^ |/ ||/ @ & | # ~ << >> = <> != < <= > >= || ~~ !~~ ~~* !~~* ~* !~ !~* ^@ @> <@ && <<= >>= &< &> -|- <<| |>> &<| |&> ?# ?- ?| ?-| ?|| ?& ? @? @@ @@@
  -> ->> #> #>> #- @-@ ## <-> ~= <^ >^ ~>~ ~<~ ~>=~ ~<=~ !! <% %> <<% %>> BETWEEN
`);

/** Built-in types that a value may be cast to. The `reg…` types look names up in the catalog and stay closed. */
export const postgresTypes: readonly string[] = words(`
  bool boolean int2 int4 int8 smallint integer int bigint numeric decimal dec float4 float8 real float money text varchar bpchar char character name bytea bit varbit
  date time timetz timestamp timestamptz interval uuid json jsonb jsonpath xml inet cidr macaddr macaddr8 point line lseg box path polygon circle tsvector tsquery
  int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange oid record unknown
  citext hstore ltree geometry geography vector halfvec
`);
