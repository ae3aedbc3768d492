select ctid from shape_source.{view};
select tableoid from shape_source.{view};
select xmin from shape_source.{view};
select 1 from shape_source.{view} tablesample system (100);
select 1 from shape_source.{view} for update;
select 1 from shape_source.{view} where ctid = '(0,1)';
