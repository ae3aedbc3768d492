create extension if not exists citext;
alter table app.messages alter column type type citext;
update app.messages set type = lower(type::text) where id % 2 = 0;
