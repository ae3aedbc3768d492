create schema shape_source;
-- undo
drop schema shape_source cascade;
