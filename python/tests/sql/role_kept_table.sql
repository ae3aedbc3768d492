set role shape_reader;
create table shape.kept (n integer);
reset role;
