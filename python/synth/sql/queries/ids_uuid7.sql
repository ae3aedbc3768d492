-- name: ids_uuid7
-- params: {salt}, {start_ms}, {user_start_ms} bigint, {user_step_ms}, {conversation_step_ms},
--         {message_step_ms}, {attachment_step_ms} float8: literals
-- returns: nothing; makes as_id(kind, number), see ids_bigint: a version 7 uuid
-- Time, version, a counter of 12 bits, variant and a draw (RFC 9562, 5.7 and 6.2). The time is
-- spread evenly over the window in the order of the numbers: a reference must be made from the
-- number alone.
create function {work}.as_id(p_kind integer, p_number bigint)
returns uuid
language sql
immutable
parallel safe
return (
    lpad(
        to_hex(
            (
                (
                    case p_kind when 1 then {user_start_ms}::bigint else {start_ms}::bigint end
                    + floor(
                        p_number
                        * case p_kind
                            when 1 then {user_step_ms}::float8
                            when 2 then {conversation_step_ms}::float8
                            when 3 then {message_step_ms}::float8
                            else {attachment_step_ms}::float8
                        end
                    )::bigint
                ) << 16
            )
            | 28672
            | (p_number & 4095)
        ),
        16,
        '0'
    )
    || to_hex(
        (hashint8extended(210 + p_kind, p_number # {salt}::bigint) & 4611686018427387903)
        | '-9223372036854775808'::bigint
    )
)::uuid
