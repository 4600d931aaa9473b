-- Removes what watch-install.sql made, and nothing else.
DROP EVENT TRIGGER IF EXISTS sextant_watch_ddl;
DROP EVENT TRIGGER IF EXISTS sextant_watch_drop;
DROP FUNCTION IF EXISTS sextant_watch.on_ddl();
DROP FUNCTION IF EXISTS sextant_watch.on_drop();
DROP FUNCTION IF EXISTS sextant_watch.announce(text, text[]);
DROP FUNCTION IF EXISTS sextant_watch.announce(text, text[], oid[]);
DROP SCHEMA IF EXISTS sextant_watch RESTRICT;
