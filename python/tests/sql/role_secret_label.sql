update app.messages set type = 'a secret told in a type' where id = 7
