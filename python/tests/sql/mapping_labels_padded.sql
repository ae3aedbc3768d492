alter table app.messages alter column type type char(20);
