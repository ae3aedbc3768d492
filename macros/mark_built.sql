{#
mark_built(relation)
relation  what a model or a seed has just built
returns   a statement that says so in the relation's comment, with its own oid and the run: a copied
          comment says nothing, `synth` drops what dbt built by this mark and never by a name, and a
          reader sees whether all of a shape comes from one run
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
            format('prodshape: built by dbt, oid %s, run %s', v_built.oid, '{{ invocation_id }}')
        );
    end loop;
end
$prodshape$
{%- endmacro -%}
