-- params: none
-- returns: conversations whose updatedAt is not the time of their last message
select conversations.id
from app.conversations as conversations
inner join app.messages as messages on messages."conversationId" = conversations.id
group by conversations.id, conversations."updatedAt"
having max(messages."createdAt") is distinct from conversations."updatedAt"
