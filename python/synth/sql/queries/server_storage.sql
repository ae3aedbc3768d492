-- name: server_storage
-- params: none
-- returns: data_directory text (null where the role may not see it); max_wal_bytes bigint
select
    (
        select setting from pg_catalog.pg_settings where name = 'data_directory'
    ) as data_directory,
    (
        select setting::bigint * 1048576 from pg_catalog.pg_settings where name = 'max_wal_size'
    ) as max_wal_bytes
