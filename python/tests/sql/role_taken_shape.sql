create schema shape;
-- undo
drop schema shape cascade;
