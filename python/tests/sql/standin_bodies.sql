-- params: none
-- returns: every text of schema app that can hold planted items
select content as text from app.messages where content is not null
union all
select concat_ws(' | ', username, email, "displayName", phone, "avatarUrl", bio) from app.users
union all
select concat_ws(' | ', "fileName", url) from app.attachments
union all
select name from app.conversations where name is not null
