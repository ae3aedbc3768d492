{%- set entities = ['users', 'conversations', 'messages', 'read_receipts', 'attachments'] -%}
with

-- Exact counts, which never leave: `synth extract` reads the shape alone.
final as (

    {%- for entity in entities %}

    select * from {{ ref('int_' ~ entity ~ '__cells') }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

)

select * from final
