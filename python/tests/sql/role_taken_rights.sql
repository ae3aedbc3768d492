create role shape_reader createdb;
-- undo
drop role shape_reader;
