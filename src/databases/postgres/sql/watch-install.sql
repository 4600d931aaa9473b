-- Event triggers that announce DDL on a channel (the placeholder is replaced by a quoted literal). Run by an administrator, once a database.
-- They can never fail or hold up anyone's DDL: every error is caught, the payload stays far below NOTIFY's 8,000 bytes, and nothing is sent
-- while the notification queue is half full (a full one would fail the commit, where nothing can be caught), nor where transactions may be
-- prepared (PREPARE TRANSACTION refuses one that has executed NOTIFY).
-- They run with the rights of whoever issues the DDL, so they raise nobody's: no SECURITY DEFINER, a fixed search path, no dynamic SQL.
CREATE SCHEMA IF NOT EXISTS sextant_watch;
-- Whoever issues DDL runs this too, and may do no more by it than pg_notify lets everyone do.
GRANT USAGE ON SCHEMA sextant_watch TO PUBLIC;

CREATE OR REPLACE FUNCTION sextant_watch.announce(tag text, objects text[]) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  payload text;
BEGIN
  IF pg_catalog.pg_notification_queue_usage() > 0.5 OR pg_catalog.current_setting('max_prepared_transactions')::int > 0 THEN
    RETURN;
  END IF;
  payload := pg_catalog.json_build_object('tag', tag, 'by', session_user, 'objects', pg_catalog.to_json(objects[1:20]))::text;
  IF pg_catalog.octet_length(payload) > 4000 THEN
    payload := pg_catalog.json_build_object('tag', tag)::text;
  END IF;
  PERFORM pg_catalog.pg_notify(:channel, payload);
END
$body$;
GRANT EXECUTE ON FUNCTION sextant_watch.announce(text, text[]) TO PUBLIC;

CREATE OR REPLACE FUNCTION sextant_watch.on_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  names text[];
BEGIN
  SELECT pg_catalog.array_agg(c.object_identity) INTO names
  FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
  WHERE c.schema_name IS NULL OR c.schema_name !~ '^pg_temp';
  IF names IS NOT NULL THEN
    PERFORM sextant_watch.announce(tg_tag, names);
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
BEGIN
  SELECT pg_catalog.array_agg(d.object_identity) INTO names
  FROM pg_catalog.pg_event_trigger_dropped_objects() AS d
  WHERE d.original AND NOT d.is_temporary;
  IF names IS NOT NULL THEN
    PERFORM sextant_watch.announce(tg_tag, names);
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
