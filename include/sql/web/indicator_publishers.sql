-- Grain: source. The sources of the latest values of an indicator in a unit and some countries, that of the
-- largest value first, or of the smallest (`lowest_first`).
select
    source.publisher,
    source.licence
from report.city_profile as profile
inner join catalog.source as source on profile.source = source.source
where
    profile.indicator = :indicator
    and profile.unit_measure = :unit
    and profile.country = any(:countries)
group by source.source
order by
    case when :lowest_first then min(profile.obs_value) end asc,
    max(profile.obs_value) desc,
    source.precedence asc,
    source.source asc;
