-- name: catalog_relations
-- params: relations text[], names as they are written in SQL
-- returns: relation text, is_found boolean, column_names text[]

select
    wanted.relation,
    to_regclass(wanted.relation) is not null as is_found,
    coalesce(
        array_agg(attributes.attname::text) filter (where attributes.attname is not null), '{{}}'
    ) as column_names
from unnest(%(relations)s::text[]) as wanted (relation)
left join pg_attribute as attributes
    on
        attributes.attrelid = to_regclass(wanted.relation)
        and attributes.attnum > 0
        and not attributes.attisdropped
group by wanted.relation
order by wanted.relation
