-- The groups that a country is a member of today.
create function core.groups_of_country(of_country text) returns text[]
language sql stable parallel safe as $$
    select array(
        select member.city_group
        from catalog.city_group_member as member
        where
            member.country = of_country
            and current_date >= member.valid_from
            and (member.valid_to is null or current_date <= member.valid_to)
        order by member.city_group
    )
$$;
