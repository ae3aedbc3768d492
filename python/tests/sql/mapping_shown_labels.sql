select
    message_type collate "C" as message_type,
    count(*) as n_messages
from shape_source.messages
group by 1
