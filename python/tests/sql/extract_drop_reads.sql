drop table app.message_reads cascade
