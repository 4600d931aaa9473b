-- Event triggers that announce DDL on a channel (the placeholder is replaced by a quoted literal). Run by an administrator, once a database.
-- They can never fail or hold up anyone's DDL: every error is caught, the payload stays far below NOTIFY's 8,000 bytes, and nothing is sent
-- while the notification queue is half full (a full one would fail the commit, where nothing can be caught), nor where transactions may be
-- prepared (PREPARE TRANSACTION refuses one that has executed NOTIFY).
-- They run with the rights of whoever issues the DDL, so they raise nobody's: no SECURITY DEFINER, a fixed search path, no dynamic SQL.
CREATE SCHEMA IF NOT EXISTS sextant_watch;
-- Whoever issues DDL runs this too, and may do no more by it than pg_notify lets everyone do.
GRANT USAGE ON SCHEMA sextant_watch TO PUBLIC;

-- `relations`: oids of the tables and views that alone changed; left out where it may be anything else too, or many.
DROP FUNCTION IF EXISTS sextant_watch.announce(text, text[]);
CREATE OR REPLACE FUNCTION sextant_watch.announce(tag text, objects text[], relations oid[]) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  payload text;
BEGIN
  IF pg_catalog.pg_notification_queue_usage() > 0.5 OR pg_catalog.current_setting('max_prepared_transactions')::int > 0 THEN
    RETURN;
  END IF;
  IF 0::oid = ANY (relations) OR pg_catalog.cardinality(relations) > 100 THEN
    relations := NULL;
  END IF;
  payload := pg_catalog.json_build_object('tag', tag, 'by', session_user, 'objects', pg_catalog.to_json(objects[1:20]), 'relations', relations)::text;
  IF pg_catalog.octet_length(payload) > 4000 THEN
    payload := pg_catalog.json_build_object('tag', tag)::text;
  END IF;
  PERFORM pg_catalog.pg_notify(:channel, payload);
END
$body$;
GRANT EXECUTE ON FUNCTION sextant_watch.announce(text, text[], oid[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION sextant_watch.on_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  names text[];
  relations oid[];
BEGIN
  -- 0: something that is no relation, or whose relation cannot be told: DETACH PARTITION names the parent alone, a comment on a trigger or a
  -- policy stands apart from its table.
  SELECT pg_catalog.array_agg(c.object_identity), pg_catalog.array_agg(DISTINCT coalesce(CASE
    WHEN tg_tag = 'ALTER TABLE' AND EXISTS (SELECT FROM pg_catalog.pg_class AS p WHERE p.oid = c.objid AND p.relkind = 'p') THEN 0::oid
    WHEN c.object_type ~ '^(table|view|materialized view|foreign table)( column)?$' THEN c.objid
    WHEN c.object_type = 'index' THEN (SELECT i.indrelid FROM pg_catalog.pg_index AS i WHERE i.indexrelid = c.objid)
    WHEN tg_tag = 'COMMENT' THEN 0::oid
    WHEN c.object_type = 'trigger' THEN (SELECT t.tgrelid FROM pg_catalog.pg_trigger AS t WHERE t.oid = c.objid)
    WHEN c.object_type = 'policy' THEN (SELECT p.polrelid FROM pg_catalog.pg_policy AS p WHERE p.oid = c.objid)
  END, 0::oid)) INTO names, relations
  FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
  WHERE c.schema_name IS NULL OR c.schema_name !~ '^pg_temp';
  IF names IS NOT NULL THEN
    PERFORM sextant_watch.announce(tg_tag, names, relations);
  END IF;
EXCEPTION WHEN OTHERS THEN
  NULL;
END
$body$;
REVOKE ALL ON FUNCTION sextant_watch.on_ddl() FROM PUBLIC;

CREATE OR REPLACE FUNCTION sextant_watch.on_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  names text[];
  relations oid[];
BEGIN
  -- What leaves with its table (its row types, indexes, TOAST table) says nothing that the table does not.
  SELECT pg_catalog.array_agg(d.object_identity) FILTER (WHERE d.original), pg_catalog.array_agg(DISTINCT CASE
    WHEN d.object_type ~ '^(table|view|materialized view|foreign table)( column)?$' THEN d.objid
    WHEN d.object_type IN ('table constraint', 'default value', 'trigger', 'policy', 'rule') THEN
      coalesce(pg_catalog.to_regclass(pg_catalog.format('%I.%I', d.address_names[1], d.address_names[2]))::oid, d.objid)
    WHEN NOT d.original AND d.object_type IN ('type', 'index', 'toast table') THEN d.objid
    ELSE 0::oid
  END) INTO names, relations
  FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
  WHERE NOT d.is_temporary;
  IF names IS NOT NULL THEN
    PERFORM sextant_watch.announce(tg_tag, names, relations);
  END IF;
EXCEPTION WHEN OTHERS THEN
  NULL;
END
$body$;
REVOKE ALL ON FUNCTION sextant_watch.on_drop() FROM PUBLIC;

DROP EVENT TRIGGER IF EXISTS sextant_watch_ddl;
DROP EVENT TRIGGER IF EXISTS sextant_watch_drop;
CREATE EVENT TRIGGER sextant_watch_ddl ON ddl_command_end EXECUTE FUNCTION sextant_watch.on_ddl();
CREATE EVENT TRIGGER sextant_watch_drop ON sql_drop EXECUTE FUNCTION sextant_watch.on_drop();
-- ALWAYS: also for sessions in replica role, whose DDL would go unseen otherwise.
ALTER EVENT TRIGGER sextant_watch_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER sextant_watch_drop ENABLE ALWAYS;
