-- name: owned_standin_copy
-- params: none
-- returns: nothing; somebody's schema with the comment of a stand-in's
create schema app;
comment on schema app is 'made by synth standin: invented or public data, safe to drop';
create table app.precious as select 1 as id;
