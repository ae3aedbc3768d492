create role shape_reader;
create schema shape authorization shape_reader;
create table shape.theirs (n integer);
-- undo
drop schema shape cascade;
drop role shape_reader;
