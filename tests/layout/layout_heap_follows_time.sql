{#
Property: the heap of messages (of every partition) lies in time order, and is not clustered by
conversation. From the planner's statistics, so it needs an analyze; small tables prove nothing.
Reads: pg_stats. Returns: one row per table out of order or without statistics.
#}
{{ config(tags=['layout'], enabled=on_generated_tables()) }}

with

heaps as (

    select
        heap.oid,
        heap.relname as table_name,
        heap.reltuples,
        namespace.nspname as schema_name
    from pg_catalog.pg_class as heap
    inner join pg_catalog.pg_namespace as namespace on heap.relnamespace = namespace.oid
    left join pg_catalog.pg_inherits as partition on heap.oid = partition.inhrelid
    where
        heap.relkind = 'r'
        and '{{ source("chat", "messages") }}'::regclass in (heap.oid, partition.inhparent)

),

measured as (

    select
        heaps.table_name,
        stats.correlation
    from heaps
    left join pg_catalog.pg_stats as stats
        on
            heaps.schema_name = stats.schemaname
            and heaps.table_name = stats.tablename
            and stats.attname = 'createdAt'
    -- -1 is a table that was never analyzed; an empty partition holds no order.
    where heaps.reltuples >= 10000 or heaps.reltuples < 0

),

final as (

    select * from measured
    where correlation is null or correlation <= 0.99

)

select * from final
