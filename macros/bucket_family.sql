{#
bucket_family(metric)
metric   column with the name of a metric
returns  text: the metric whose segment all holds the same rows; the metric itself where it has one
#}
{%- macro bucket_family(metric) -%}
case {{ metric }}
    when 'members_by_size' then 'member_count'
    when 'senders_by_size' then 'distinct_senders'
    when 'dominance_by_size_senders' then 'sender_dominance'
    when 'tempo_by_size' then 'tempo'
    when 'activity_gap' then 'activity_inter_arrival'
    else {{ metric }}
end
{%- endmacro -%}
