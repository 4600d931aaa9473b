-- The watch triggers that exist: name, mode of firing (A: always), whether they keep quiet because transactions may be prepared here.
SELECT evtname, evtenabled, pg_catalog.current_setting('max_prepared_transactions')::int > 0 AS quiet FROM pg_catalog.pg_event_trigger WHERE evtname IN ('sextant_watch_ddl', 'sextant_watch_drop')
