-- name: work_reset
-- params: none
-- returns: nothing; empties the working tables
truncate
    {work}.intact, {work}.draft, {work}.drawn, {work}.conversation, {work}.person, {work}.slot,
    {work}.member, {work}.room, {work}.timeline, {work}.slice
