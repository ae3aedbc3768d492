-- A schema of somebody else, with a table of a name that a model has.
create schema shape;
create table shape.shape_metrics as select 'mine' as note;
