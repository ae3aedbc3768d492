-- name: message_partition
-- params: none; {partition} with its bounds composed in as literals
-- returns: nothing; one month of messages
create table {schema}.{partition} partition of {schema}.messages
for values from ({lower}) to ({upper})
