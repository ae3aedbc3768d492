select
    message_type,
    count(*) as n_messages
from shape_source.messages
group by message_type
