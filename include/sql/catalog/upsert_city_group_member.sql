-- Inserts or updates the dated membership of a country in a group.
insert into catalog.city_group_member (
    city_group, country, valid_from, valid_to
)
values (
    :city_group, :country, :valid_from, :valid_to
)
on conflict (city_group, country, valid_from) do update
    set
        valid_to = excluded.valid_to;
