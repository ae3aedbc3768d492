explain (format json, costs off)
select *
from shape_source.{view}
where {key} = 1
