-- name: shape_noise_state
-- params: schema text of the shape models
-- returns: is_there boolean; is_strange boolean, whether it is not the table that synth makes

select
    relation.oid is not null as is_there,
    relation.oid is not null and coalesce(obj_description(relation.oid, 'pg_class'), '')
    != 'prodshape: noise of a release, secret, dropped after its build' as is_strange
from (
    select to_regclass(format('%%I.shape_noise', %(schema)s::text))::oid as oid
) as relation
