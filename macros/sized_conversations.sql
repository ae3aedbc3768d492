{#
sized_conversations(conversations, size_classes, sender_classes)
conversations   CTE of int_conversations
size_classes    CTE of int_conversations__size_classes
sender_classes  CTE of int_conversations__sender_classes
returns         select of the conversations' columns with the labels of their classes: size_label,
                typed_size_label, typed_label and senders_label, null where there is no message
#}
{%- macro sized_conversations(conversations, size_classes, sender_classes) -%}
    select
        {{ conversations }}.*,
        {{ size_classes }}.size_label,
        {{ size_classes }}.typed_size_label,
        {{ conversations }}.conversation_type || '.' || {{ size_classes }}.typed_size_label
            as typed_label,
        {{ sender_classes }}.senders_label
    from {{ conversations }}
    left join {{ size_classes }}
        on
            {{ bucket_index(conversations ~ '.n_messages', 'size_class') }}
            = {{ size_classes }}.size_index
            and {{ conversations }}.n_messages > 0
    left join {{ sender_classes }}
        on
            {{ size_classes }}.size_label = {{ sender_classes }}.size_label
            and {{ bucket_index(conversations ~ '.n_senders', 'sender_class') }}
            = {{ sender_classes }}.sender_index
{%- endmacro -%}
