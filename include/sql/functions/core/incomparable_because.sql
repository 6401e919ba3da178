-- Why two values of an indicator are not comparable, as codes of incomparable_because; empty if they are.
-- Comparable values have one unit, basis and source, are at most three years apart, as in ratings, and are
-- both of the city itself. Every argument of a missing value is null.
create function core.incomparable_because(
    unit text, other_unit text, basis text, other_basis text, source text, other_source text,
    year text, other_year text, city_level boolean, other_city_level boolean
) returns text[]
language sql immutable parallel safe
return array_remove(array[
    case when basis is null or other_basis is null then 'no_value' end,
    case when unit <> other_unit then 'other_unit' end,
    case when basis <> other_basis then 'other_basis' end,
    case when source <> other_source then 'other_source' end,
    case when abs(year::integer - other_year::integer) > 3 then 'years_apart' end,
    case when not (city_level and other_city_level) then 'not_city_level' end
], null);
