-- name: synth.swap_repeats
-- returns: number of memberships dropped because no swap could save them
-- Swaps users between slots until nobody is in a conversation twice. Each round pairs every
-- repeated slot with a slot drawn from the whole table and swaps where neither side gains a
-- repeat; what two swaps of one round break together, the next round sees.
create or replace function synth.swap_repeats(p_work text, p_seed bigint, p_rounds integer)
returns bigint
language plpgsql
volatile
strict
parallel unsafe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_round integer;
    v_repeats bigint;
    v_slots bigint;
    v_dropped bigint := 0;
begin
    execute format('select count(*) from %I.slot', p_work) into v_slots;
    execute format('create index slot_by_number on %I.slot (slot_no)', p_work);
    execute format('create index slot_by_conversation on %I.slot (conversation_id, user_id)', p_work);
    execute format('analyze %I.slot', p_work);

    create temp table repeated_slot (slot_no bigint, conversation_id bigint, user_id bigint)
    on commit drop;

    create temp table suspect (conversation_id bigint primary key) on commit drop;

    execute format(
        'insert into pg_temp.suspect
         select distinct conversation_id from (
             select conversation_id from %I.slot
             group by conversation_id, user_id having count(*) > 1
         ) as repeats', p_work
    );

    for v_round in 1..p_rounds loop
        truncate pg_temp.repeated_slot;
        execute format(
            'insert into pg_temp.repeated_slot
             select slot_no, conversation_id, user_id from (
                 select slot.*, row_number() over (
                     partition by conversation_id, user_id order by slot_no
                 ) as place
                 from %I.slot as slot
                 where conversation_id in (select conversation_id from pg_temp.suspect)
             ) as ranked
             where place > 1', p_work
        );
        get diagnostics v_repeats = row_count;
        exit when v_repeats = 0;
        analyze pg_temp.repeated_slot;

        execute format(
            'with partners as (
                 select
                     repeated.slot_no,
                     repeated.conversation_id,
                     repeated.user_id,
                     other.slot_no as other_slot_no,
                     other.conversation_id as other_conversation_id,
                     other.user_id as other_user_id,
                     row_number() over (partition by other.slot_no order by repeated.slot_no) as claim
                 from pg_temp.repeated_slot as repeated
                 inner join %1$I.slot as other
                     on other.slot_no = 1 + floor(
                         synth.uniform($2, hashint8extended(repeated.slot_no, $1)) * $3
                     )::bigint
             ),
             allowed as (
                 select partners.* from partners
                 where
                     claim = 1
                     and user_id <> other_user_id
                     and not exists (
                         select from pg_temp.repeated_slot as repeated
                         where repeated.slot_no = partners.other_slot_no
                     )
                     and not exists (
                         select from %1$I.slot as slot
                         where slot.conversation_id = partners.other_conversation_id
                             and slot.user_id = partners.user_id
                     )
                     and not exists (
                         select from %1$I.slot as slot
                         where slot.conversation_id = partners.conversation_id
                             and slot.user_id = partners.other_user_id
                     )
             ),
             moves as (
                 select slot_no, other_user_id as user_id, conversation_id from allowed
                 union all
                 select other_slot_no, user_id, other_conversation_id from allowed
             ),
             swapped as (
                 update %1$I.slot as slot
                 set user_id = moves.user_id
                 from moves
                 where slot.slot_no = moves.slot_no
                 returning moves.conversation_id
             )
             insert into pg_temp.suspect
             select distinct conversation_id from swapped
             on conflict do nothing', p_work
        ) using p_seed, v_round, v_slots;
    end loop;

    -- Where nearly everybody is in a conversation no swap is left: whoever is absent steps in,
    -- at the cost of that user's number of conversations.
    execute format(
        'with repeats as (
             select slot_no, conversation_id, row_number() over (
                 partition by conversation_id order by slot_no
             ) as repeat_no
             from (
                 select slot_no, conversation_id, row_number() over (
                     partition by conversation_id, user_id order by slot_no
                 ) as place
                 from %1$I.slot
                 where conversation_id in (select conversation_id from pg_temp.suspect)
             ) as ranked
             where place > 1
         ),
         absent as (
             select crowded.conversation_id, person.user_id, row_number() over (
                 partition by crowded.conversation_id
                 order by hashint8extended(person.user_id, crowded.conversation_id), person.user_id
             ) as repeat_no
             from (select distinct conversation_id from repeats) as crowded
             cross join %1$I.person as person
             where not exists (
                 select from %1$I.slot as slot
                 where slot.conversation_id = crowded.conversation_id
                     and slot.user_id = person.user_id
             )
         )
         update %1$I.slot as slot
         set user_id = absent.user_id
         from repeats
         inner join absent using (conversation_id, repeat_no)
         where slot.slot_no = repeats.slot_no', p_work
    );

    execute format(
        'with ranked as (
             select slot_no, row_number() over (
                 partition by conversation_id, user_id order by slot_no
             ) as place
             from %1$I.slot
             where conversation_id in (select conversation_id from pg_temp.suspect)
         )
         delete from %1$I.slot as slot
         using ranked
         where slot.slot_no = ranked.slot_no and ranked.place > 1', p_work
    );
    get diagnostics v_dropped = row_count;
    drop table pg_temp.repeated_slot, pg_temp.suspect;
    return v_dropped;
end
$$;
