-- A schema app that no stand-in made.
create schema app;

create table app.precious (id bigint);
