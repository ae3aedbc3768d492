-- name: fid_distances
-- params: check_name text
-- returns: every distance of the check on segment all
select
    tvd,
    ks,
    jensen_shannon,
    wasserstein_log,
    cramers_v
from shape.fid_segment_distances
where check_name = %(check_name)s and segment = 'all'
