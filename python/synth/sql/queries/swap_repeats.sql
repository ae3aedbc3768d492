-- name: swap_repeats
-- params: work text, seed bigint, rounds integer
-- returns: n_dropped bigint
select synth.swap_repeats(%(work)s, %(seed)s, %(rounds)s) as n_dropped
