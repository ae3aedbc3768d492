-- name: noise_create
-- params: {schema} of the shape models
-- returns: nothing; makes the table of the noise that a release by dp adds to its cells, empty

create unlogged table {schema}.shape_noise (
    entity text not null,
    metric text not null,
    segment text not null,
    label text,
    bucket_index integer,
    bucket_lower float8,
    bucket_upper float8,
    noise bigint not null,
    variance float8 not null
);

-- Noise drawn twice for a cell would be averaged.
create unique index on {schema}.shape_noise (
    entity, metric, segment, coalesce(label, ''), coalesce(bucket_index, 0)
);

comment on table {schema}.shape_noise is 'prodshape: the noise of a release'
