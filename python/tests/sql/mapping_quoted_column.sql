alter table app.messages add column "o'clock" bigint default 1
