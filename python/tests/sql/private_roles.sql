-- Roles and databases of the server with TLS: one for each way of not getting in.
create role reader login password 'right';

create role certified login password 'right';

create role maker login superuser password 'right';

create role owner;

grant owner to reader;

create role stranger;

create role resting password 'right';

create role limited login password 'right' connection limit 0;

create role unlisted login password 'right';

create role nobodys login password 'right';

create database app owner owner;

create database full_up connection limit 0;

create database closed allow_connections false;

create database private;

revoke connect on database private from public;
