create schema if not exists shape;

create table shape.fid_cells (value float8)
