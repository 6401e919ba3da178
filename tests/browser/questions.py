"""Ten questions of researchers, answered by clicks from the page Overview, beside those of the warehouse."""

import re
from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, expect
from sqlalchemy import Connection, text

Value = Callable[..., Any]


def answer_all(page: Page, overview: str, connection: Connection) -> list[str]:
    """Answer each question; returns the questions."""

    def value(statement: str, **parameters: Any) -> Any:
        return connection.execute(text(statement), parameters).scalar_one()

    for question in QUESTIONS:
        page.goto(overview)
        question(page, value)
    return [str(question.__doc__) for question in QUESTIONS]


def follow(page: Page, *names: str) -> None:
    """Follow links of the pages' menu or text, one after the other."""
    for name in names:
        page.locator("nav, main").get_by_role("link", name=name, exact=True).first.click()


def access_to_transport(page: Page, value: Value) -> None:
    """Which BRICS city has the best access to public transport, and is the value the city's own?"""
    follow(page, "Indicators", "Population with convenient access to public transport")
    page.select_option("select[name=group]", "BRICS")
    page.wait_for_url("**group=BRICS*")
    best = page.locator("table[data-sorted] tbody tr").first
    named = value(
        """
        select profile.city_name_en
        from report.city_profile as profile
        inner join report.rating as rating using (ref_area)
        where profile.indicator = 'PT_ACCESS' and 'BRICS' = any(rating.city_groups)
        order by profile.obs_value desc limit 1
        """
    )
    expect(best).to_contain_text(named)
    expect(best).to_contain_text("urban centre")


def rank_before(page: Page, value: Value) -> None:
    """What was Moscow's rank the year before, and which years are comparable?"""
    follow(page, "Cities", "Moscow")
    details = page.locator("details", has_text="Climate agenda of world cities").first
    details.locator("summary").first.click()
    rank = value(
        """
        select rank from report.rating
        where rating = 'climate_world' and time_period = '2023' and ref_area = 'moscow'
        """
    )
    expect(details).to_contain_text(re.compile(rf"2023[^–]*?{rank} of"))


def waste_counted_double(page: Page, value: Value) -> None:
    """What would Guangzhou's rank be if waste counted double?"""
    follow(page, "Workbench")
    page.select_option("select[name=city]", "guangzhou")
    page.wait_for_url("**city=guangzhou*")
    field = page.locator("input[name='weight.waste']")
    field.fill(str(2 * float(field.input_value())))
    field.press("Enter")
    page.wait_for_url("**weight.waste=*")
    declared = value(
        """
        select rank from report.rating where rating = 'climate_world' and ref_area = 'guangzhou'
        order by time_period desc limit 1
        """
    )
    shown = re.compile(rf"Guangzhou:\s*rank \d+ of \d+, declared {declared}")
    expect(page.locator(".answer")).to_contain_text(shown)


def source_of_a_score(page: Page, value: Value) -> None:
    """Which file is London's score made from?"""
    follow(page, "City ratings")
    row = page.locator("table[data-sorted] tbody tr", has_text="London")
    row.locator("a.value").first.click()
    page.wait_for_url("**/lineage/rating?*")
    digest = value(
        """
        select sha256 from report.lineage('rating', jsonb_build_object('rating', 'climate_world', 'ref_area',
            'london', 'time_period', (select max(time_period) from report.rating
            where rating = 'climate_world' and rank is not null))) limit 1
        """
    )
    expect(page.locator("main")).to_contain_text(digest)


def comparable(page: Page, _value: Value) -> None:
    """Are the emissions per head of Moscow and Guangzhou comparable?"""
    follow(page, "Compare")
    row = page.locator("tr", has=page.get_by_role("link", name="CO2 emissions per head", exact=True)).first
    expect(row).to_contain_text("not city-level data")


def missing_values(page: Page, value: Value) -> None:
    """Which share of London's rank rests on values of the city itself?"""
    follow(page, "Coverage")
    share = value(
        """
        select to_char(100 * city_level_weight, 'FM990.0') || '%' from report.rating
        where rating = 'climate_world' and ref_area = 'london' and rank is not null
        order by time_period desc limit 1
        """
    )
    row = page.locator("tr", has=page.get_by_role("link", name="London", exact=True))
    expect(row.filter(has_text=share).first).to_be_visible()


def licence_of_a_source(page: Page, value: Value) -> None:
    """Under which licence are the values of the World Bank?"""
    follow(page, "Data catalogue", "World Bank, World Development Indicators")
    licence = value("select licence from catalog.source where source = 'world_bank'")
    expect(page.locator("dl").first).to_contain_text(licence)


def effect_of_a_metro(page: Page, value: Value) -> None:
    """Did Kazan change differently from its peers after its first metro?"""
    follow(page, "Best practices")
    page.locator("main a[href*='metro-2005-kazan']").first.click()
    difference = value("select did from report.best_practice_evidence where case_id = 'metro-2005-kazan'")
    expect(page.locator("main")).to_contain_text(f"{difference:,.0f}")
    expect(page.locator("main")).to_contain_text("no difference from its peers beyond chance")


def rejected_rows(page: Page, value: Value) -> None:
    """Which rows of a load were rejected, and why?"""
    follow(page, "Loads")
    load = value("select max(load_id) from report.rejected_rows")
    reason = value("select min(reason) from report.rejected_rows where load_id = :load", load=load)
    source = value("select source from ops.load where load_id = :load", load=load)
    page.select_option("select[name=source]", source)
    page.wait_for_url("**source=*")
    page.locator(f"main a[href*='loads/{load}']").first.click()
    expect(page.locator("main")).to_contain_text(reason)


def what_ranks_depend_on(page: Page, value: Value) -> None:
    """On which part of the method do the ranks depend most?"""
    follow(page, "City ratings")
    page.locator("main").get_by_role("link", name="Method", exact=False).first.click()
    part = value(
        """
        select indicator.name_en
        from report.rating_sensitivity as effect
        inner join catalog.indicator as indicator on effect.factor = indicator.indicator
        where effect.rating = 'climate_world' and effect.kind = 'left_out'
        order by effect.time_period desc, effect.mean_abs_rank_shift desc limit 1
        """
    )
    expect(page.locator("main")).to_contain_text(f"The ranks depend most on “{part}”")


QUESTIONS: Final = (
    access_to_transport,
    rank_before,
    waste_counted_double,
    source_of_a_score,
    comparable,
    missing_values,
    licence_of_a_source,
    effect_of_a_metro,
    rejected_rows,
    what_ranks_depend_on,
)
