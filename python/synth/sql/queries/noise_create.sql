-- name: noise_create
-- params: {schema} of the shape models
-- returns: nothing; makes the table of the noise that a release by dp adds to its cells, empty

create unlogged table {schema}.shape_noise (
    entity text not null,
    metric text not null,
    segment text not null,
    label text,
    bucket_index integer,
    noise bigint not null
);
comment on table {schema}.shape_noise is 'prodshape: the noise of a release'
