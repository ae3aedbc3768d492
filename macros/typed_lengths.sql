{#
typed_lengths(lengths, labels, k)
lengths  CTE of int_messages__lengths
labels   CTE of published_labels: label, published_label
k        people a cell needs; 0 recodes nothing
returns  select of holder, n_messages, people_sketch, published_label, content_length. Messages
         without a length are a type's total minus its buckets, and the buckets minus what a mean or
         a quantile counts. Where they are too few, they count as the shortest, in all three
#}
{%- macro typed_lengths(lengths, labels, k) -%}
    select
        {{ lengths }}.holder,
        {{ lengths }}.n_messages,
        {{ lengths }}.people_sketch,
        {{ labels }}.published_label,
        case
            when
                {{ lengths }}.content_length is null
                and {{ people_count(
                    'bit_or(' ~ lengths ~ '.people_sketch) '
                    ~ 'filter (where ' ~ lengths ~ '.content_length is null) '
                    ~ 'over (partition by ' ~ labels ~ '.published_label)'
                ) }} < {{ k }}
                then 0
            else {{ lengths }}.content_length
        end as content_length
    from {{ lengths }}
    inner join {{ labels }} on {{ lengths }}.message_type = {{ labels }}.label
{%- endmacro -%}
