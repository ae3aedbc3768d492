create schema shape_key;
-- undo
drop schema shape_key cascade;
