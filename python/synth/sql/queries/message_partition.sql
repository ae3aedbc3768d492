-- name: message_partition
-- params: none; {partition}, {lower} and {upper} composed in
-- returns: nothing; one month of messages
create table {schema}.{partition} partition of {schema}.messages
for values from ({lower}) to ({upper})
