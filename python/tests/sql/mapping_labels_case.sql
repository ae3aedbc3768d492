create collation app.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
alter table app.messages alter column type type text collate app.any_case;
update app.messages set type = lower(type) where id % 2 = 0;
