-- Defaults of a database by which nothing could be read, and functions and operators that fit
-- better than the server's own.
create schema evil;

create function evil.lower(text) returns text language sql as 'select ''evil''::text';

create function evil.no(text, text) returns boolean language sql as 'select false';

create operator evil.= (leftarg = text, rightarg = text, function = evil.no);

create function evil.count(bigint) returns bigint language sql as 'select 42::bigint';

alter database {database} set datestyle = 'SQL, DMY';

alter database {database} set intervalstyle = 'sql_standard';

alter database {database} set timezone = 'Asia/Tokyo';

alter database {database} set extra_float_digits = -15;

alter database {database} set bytea_output = 'escape';

alter database {database} set standard_conforming_strings = off;

alter database {database} set array_nulls = off;

alter database {database} set transform_null_equals = on;

alter database {database} set default_transaction_isolation = 'serializable';

alter database {database} set client_encoding = 'LATIN1';

alter database {database} set search_path = 'evil', 'pg_catalog';
