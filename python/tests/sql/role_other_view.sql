drop view shape_source.members;
create view shape_source.members as
select 1 as n;
