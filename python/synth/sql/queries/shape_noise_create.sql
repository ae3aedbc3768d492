-- name: shape_noise_create
-- params: {schema} of the shape models, made where it is not there
-- returns: nothing; the table that holds the noise of a release by dp while it is built, nobody's but
--          its owner's

create schema if not exists {schema};

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

revoke all on {schema}.shape_noise from public;

comment on table {schema}.shape_noise is 'prodshape: noise of a release, secret, dropped after its build'
