-- Inserts or updates a country or territory.
insert into catalog.country (
    ref_area, iso2, m49
)
values (
    :ref_area, :iso2, :m49
)
on conflict (ref_area) do update
    set
        iso2 = excluded.iso2,
        m49 = excluded.m49;
