create domain app.label as text check (length(value) < 100);
alter table app.messages alter column type type app.label;
update app.messages set type = type || ' ' where id % 2 = 0;
