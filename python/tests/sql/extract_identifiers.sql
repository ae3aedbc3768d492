-- Everything in the stand-in that names a person, and the whole of some bodies.
select "email" as item from app.users
union all
select "username" from app.users
union all
select "displayName" from app.users
union all
select "phone" from app.users
union all
select "name" from app.conversations
union all
(select "content" from app.messages order by id limit 500)
