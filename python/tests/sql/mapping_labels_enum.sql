create type app.kind as enum ('TEXT', 'text', 'IMAGE', 'FILE', 'AUDIO', 'VIDEO', 'NOTE');
alter table app.messages alter column type type app.kind
using case when type in ('TEXT', 'IMAGE') then type else 'text' end::app.kind;
