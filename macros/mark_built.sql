{#
mark_built(relation)
relation  what a model has just built
returns   a statement that says so in the relation's comment, with its own oid: a copied comment says
          nothing; `synth` drops what dbt built by this mark, and never by a name
#}
{%- macro mark_built(relation) -%}
do $prodshape$
declare
    v_built record;
begin
    for v_built in
        select
            oid,
            case relkind when 'v' then 'view' else 'table' end as kind
        from pg_catalog.pg_class
        where oid = to_regclass('{{ relation | string | replace("'", "''") }}')
    loop
        execute format(
            'comment on %s %s is %L',
            v_built.kind,
            v_built.oid::regclass,
            'prodshape: built by dbt, oid ' || v_built.oid
        );
    end loop;
end
$prodshape$
{%- endmacro -%}
