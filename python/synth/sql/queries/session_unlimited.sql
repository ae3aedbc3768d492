-- name: session_unlimited
-- params: none
-- returns: one row per setting (transaction_timeout came with PostgreSQL 17): what a role sets to
--          end long statements and idle sessions is meant for an application, not for a load
select set_config(name, '0', false)
from pg_catalog.pg_settings
where
    name in (
        'statement_timeout',
        'lock_timeout',
        'transaction_timeout',
        'idle_session_timeout',
        'idle_in_transaction_session_timeout'
    )
