{#- Of every indexed column, and of the time the heap should follow: what the planner knows. -#}
{%- set mapping = per_target(var('mapping'), target.name) -%}
{%- set own = var('mappings')[mapping].get('column_statistics', {}).get('relation') -%}
{%- set tables = {
    'users': {'relation': source('chat', 'users'), 'columns': ['user_id']},
    'conversations': {
        'relation': source('chat', 'conversations'), 'columns': ['conversation_id']
    },
    'members': {
        'relation': source('chat', 'conversation_users'),
        'columns': ['conversation_id', 'user_id'],
    },
    'messages': {
        'relation': source('chat', 'messages'),
        'columns': ['message_id', 'conversation_id', 'sender_id', 'sent_at'],
    },
    'read_receipts': {
        'relation': source('chat', 'message_reads'), 'columns': ['message_id', 'reader_id']
    },
    'attachments': {
        'relation': source('chat', 'attachments'), 'columns': ['attachment_id', 'message_id']
    },
} -%}
with

{%- if own %}

final as (

    select
        relation as relation_name,
        column_name,
        cast(n_rows as float8) as n_rows,
        cast(n_distinct as float8) as n_distinct,
        cast(correlation as float8) as heap_correlation,
        cast(most_common_freqs as float8[]) as common_shares
    from {{ own | replace('{schema}', adapter.quote(per_target(var('source_schema'), target.name))) }}
    where n_rows > 0

)
{%- else %}

wanted (relation_name, column_name, source_relation, source_column) as (

    values
    {{ statistics_columns(var('mappings'), mapping, tables) }}

),

relations as (

    select
        wanted.*,
        heap.oid as relation_oid,
        heap.relkind,
        heap.relname as table_name,
        namespace.nspname as schema_name,
        -- -1 is a table that was never analyzed.
        nullif(heap.reltuples, -1) as n_rows
    from wanted
    inner join pg_catalog.pg_class as heap on to_regclass(wanted.source_relation) = heap.oid
    inner join pg_catalog.pg_namespace as namespace on heap.relnamespace = namespace.oid

),

-- A partitioned table has no heap: its order is that of its partitions.
partitions as (

    select
        relations.relation_name,
        relations.column_name,
        sum(stats.correlation * part.reltuples) / nullif(sum(part.reltuples), 0)
            as heap_correlation
    from relations
    inner join pg_catalog.pg_inherits as inherits on relations.relation_oid = inherits.inhparent
    inner join pg_catalog.pg_class as part on inherits.inhrelid = part.oid
    inner join pg_catalog.pg_namespace as namespace on part.relnamespace = namespace.oid
    inner join pg_catalog.pg_stats as stats
        on
            namespace.nspname = stats.schemaname
            and part.relname = stats.tablename
            and relations.source_column = stats.attname
    where part.reltuples > 0
    group by relations.relation_name, relations.column_name

),

final as (

    select
        relations.relation_name,
        relations.column_name,
        cast(relations.n_rows as float8) as n_rows,
        cast(stats.n_distinct as float8) as n_distinct,
        cast(coalesce(partitions.heap_correlation, stats.correlation) as float8)
            as heap_correlation,
        cast(stats.most_common_freqs as float8[]) as common_shares
    from relations
    inner join pg_catalog.pg_stats as stats
        on
            relations.schema_name = stats.schemaname
            and relations.table_name = stats.tablename
            and relations.source_column = stats.attname
            and (relations.relkind = 'p') = stats.inherited
    left join partitions
        on
            relations.relation_name = partitions.relation_name
            and relations.column_name = partitions.column_name
    where relations.n_rows > 0

)
{%- endif %}

select * from final
