create collation app.any_accent (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
alter table app.messages alter column type type text collate app.any_accent;
update app.messages set type = 'TÉXT' where id % 2 = 0;
