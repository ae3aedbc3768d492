select lo_creat(-1);
select lo_create(0);
select lo_from_bytea(0, 'x');
create temporary table t (n int);
select lowrite(lo_open(lo_create(0), 131072), 'x');
