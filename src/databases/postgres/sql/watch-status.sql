-- The watch triggers that exist: name, mode of firing (A: always).
SELECT evtname, evtenabled FROM pg_catalog.pg_event_trigger WHERE evtname IN ('sextant_watch_ddl', 'sextant_watch_drop')
