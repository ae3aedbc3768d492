-- What a pack over the whole history must say, counted from the source.
select
    (select count(*) from app.users) as users,
    (select count(*) from app.conversations) as conversations,
    (select count(*) from app.messages) as messages,
    (select count(*) from app.message_reads) as read_receipts,
    (select avg((type != 'TEXT')::int::float8) from app.messages) as media_ratio
