create role shape_reader;
grant pg_read_all_data to shape_reader;
-- undo
drop role shape_reader;
