-- name: made_tables
-- params: none
-- returns: nothing; the ledger of what synth made in this database: by it and by the comment it
--          names, and never by a name, something may be dropped
create schema if not exists synth;

create table if not exists synth.made (
    class_id oid not null,
    object_id oid not null,
    made_by text not null,
    schema_name text not null,
    identity text not null,
    mark text not null,
    definition text,
    primary key (class_id, object_id)
);
