alter table app.messages rename column "senderId" to sender
