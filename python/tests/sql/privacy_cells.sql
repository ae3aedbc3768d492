-- Cells as int_cells has them, for shape_buckets alone.
create schema if not exists shape;
create table shape.int_cells (
    entity text,
    metric text,
    unit text,
    segment text,
    part text,
    cut text,
    bucket_index integer,
    bucket_lower float8,
    bucket_upper float8,
    holder bigint,
    n_rows bigint,
    people_sketch bigint
)
