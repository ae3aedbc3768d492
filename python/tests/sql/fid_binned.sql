-- name: fid_binned
-- params: lowers, uppers, weights float8[]
-- returns: cdf at 2, 100 and infinity; quantiles at .5 and .9; width at 2; variation
select
    synth.binned_cdf(bins.lowers, bins.uppers, bins.weights, 2),
    synth.binned_cdf(bins.lowers, bins.uppers, bins.weights, 100),
    synth.binned_cdf(bins.lowers, bins.uppers, bins.weights, 'infinity'),
    synth.binned_quantile(bins.lowers, bins.uppers, bins.weights, 0.5),
    synth.binned_quantile(bins.lowers, bins.uppers, bins.weights, 0.9),
    synth.bucket_width(bins.lowers, bins.uppers, 2),
    synth.binned_variation(bins.lowers, bins.uppers, bins.weights)
from (
    select
        %(lowers)s::float8 [] as lowers,
        %(uppers)s::float8 [] as uppers,
        %(weights)s::float8 [] as weights
) as bins
