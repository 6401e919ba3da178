-- Grain: reason. Why the values of an indicator of some cities are not comparable in an edition.
select reason.code
from report.edition_pair_comparison as pair
cross join unnest(pair.incomparable_because) with ordinality as reason (code, position)
where
    pair.rating = :rating
    and pair.edition = :edition
    and pair.indicator = :indicator
    and pair.ref_area = any(cast(:cities as text[]))
    and pair.other_ref_area = any(cast(:cities as text[]))
group by reason.code
order by min(reason.position) asc, reason.code asc;
