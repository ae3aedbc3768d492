-- name: fill_slots
-- params: seed bigint
-- returns: nothing; fills slot: one row per membership
-- A user's stubs stand at equal distances on a line (systematic sampling with a phase of the
-- user's own), conversations take consecutive stretches of it in shuffled order: a user meets
-- a conversation twice only where the stretch is longer than that distance.
insert into {work}.slot (slot_no, conversation_id, user_id)
with

stubs as (

    select
        person.user_id,
        row_number() over (
            order by
                (stub_no + synth.uniform(6, hashint8extended(person.user_id, %(seed)s::bigint)))
                / person.degree,
                person.user_id,
                stub_no
        ) as slot_no
    from {work}.person as person
    cross join lateral generate_series(0, person.degree - 1) as stub_no

),

stretches as (

    select
        conversation_id,
        n_members,
        sum(n_members) over (
            order by hashint8extended(-7, draft_key), conversation_id
        )::bigint - n_members as first_slot
    from {work}.conversation

),

places as (

    select
        stretches.conversation_id,
        stretches.first_slot + place_no as slot_no
    from stretches
    cross join lateral generate_series(1, stretches.n_members) as place_no

)

select
    slot_no,
    places.conversation_id,
    stubs.user_id
from places
inner join stubs using (slot_no)
