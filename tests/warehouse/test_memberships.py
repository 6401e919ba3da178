"""Memberships of countries in groups have dates."""

from datetime import date

from sqlalchemy import Engine, text

from tests.queries import rows

CHANGED = """
insert into catalog.city_group (city_group, name_en, name_ru, name_zh)
select city_group, city_group, city_group, city_group
from unnest(array['ended', 'ends', 'begins', 'to_begin']) as listed (city_group);
insert into catalog.city_group_member (city_group, country, valid_from, valid_to) values
('ended', 'BRA', '2001-01-01', current_date - 1),
('ends', 'BRA', '2001-01-01', current_date),
('begins', 'BRA', current_date, null),
('to_begin', 'BRA', current_date + 1, null);
"""


def test_the_catalogue_has_dated_memberships(warehouse: Engine) -> None:
    members = rows(warehouse, "select country, valid_from from catalog.city_group_member order by 2, 1")
    assert members[-1] == ("IDN", date(2025, 1, 1))


def test_a_country_is_in_the_groups_whose_days_include_today(warehouse: Engine) -> None:
    ((before,),) = rows(warehouse, "select core.groups_of_country('BRA')")
    assert before == ["BRICS"]
    with warehouse.begin() as connection:
        connection.execute(text(CHANGED))
    assert rows(warehouse, "select core.groups_of_country('BRA')") == [(["BRICS", "begins", "ends"],)]
    assert rows(warehouse, "select core.groups_of_country('FRA')") == [([],)]
