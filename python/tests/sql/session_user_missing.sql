-- Fails; the message is in the server's language.
select * from missing;
