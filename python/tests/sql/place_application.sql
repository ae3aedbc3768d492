-- name: place_application
-- params: none
-- returns: nothing; what a chat application may have, in a schema of its own choice
create schema legacy;
create table legacy.users (id bigint);
create table legacy.messages (id bigint, content text);
insert into legacy.messages values (1, 'precious');
