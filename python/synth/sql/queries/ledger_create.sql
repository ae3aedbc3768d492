-- name: ledger_create
-- params: none
-- returns: nothing; makes the memory of the packs that came from this database, or keeps it
-- Rows are only ever added, each with the digest of the one before. Who runs this owns it, so
-- that a role which may add to it can do no more.

create schema if not exists prodshape_ledger;
comment on schema prodshape_ledger is 'prodshape: the ledger';
alter schema prodshape_ledger owner to current_user;
revoke all on schema prodshape_ledger from public;
create table if not exists prodshape_ledger.release (
    n bigint primary key check (n > 0),
    previous text not null,
    digest text not null,
    at timestamptz not null,
    who text not null,
    source text not null,
    reads jsonb not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    cut jsonb not null,
    mechanism text not null,
    pack_sha256 text not null,
    content_sha256 text not null,
    is_overlapping boolean not null,
    log_first text,
    log_head text,
    -- What a reader bears; ledger_rows asks the same of tables that were made before.
    constraint is_fit check (
        n < 1000000000
        and least(at, window_start, window_end) >= timestamptz '0001-01-02 00:00:00+00'
        and greatest(at, window_start, window_end) < timestamptz '9999-01-01 00:00:00+00'
        and jsonb_typeof(reads) = 'object'
        and jsonb_typeof(cut) = 'object'
        and pack_sha256 ~ '^[0-9a-f]+$'
        and length(pack_sha256) = 64
        and coalesce(log_head, '1:0') ~ '^[1-9][0-9]*:[0-9a-f]+$'
        and coalesce(length(log_head), 0) < 100
        and octet_length(reads::text) + octet_length(cut::text) < 65536
        and octet_length(concat(previous, digest, who, source, mechanism)) < 65536
        and octet_length(concat(content_sha256, log_first)) < 65536
    )
);
alter table prodshape_ledger.release owner to current_user;
revoke all on table prodshape_ledger.release from public;
create or replace function prodshape_ledger.refuse()
returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $prodshape$
begin
    raise exception 'Prodshape: rows of the ledger are only ever added' using errcode = 'SY030';
end
$prodshape$;
alter function prodshape_ledger.refuse() owner to current_user;
create or replace trigger only_ever_added
before update or delete or truncate on prodshape_ledger.release
for each statement execute function prodshape_ledger.refuse()
