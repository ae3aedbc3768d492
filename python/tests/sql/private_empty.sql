truncate
    app.users,
    app.conversations,
    app.conversation_users,
    app.messages,
    app.message_reads,
    app.attachments
