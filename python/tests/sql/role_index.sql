create index on app.messages ("conversationId")
