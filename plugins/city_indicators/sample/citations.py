"""Where each part of the sample comes from and under which licence it may be passed on."""

from dataclasses import dataclass

CC_BY_4 = "CC-BY-4.0"
CC_BY_3_IGO = "CC-BY-3.0-IGO"
CC_BY_SA_4 = "CC-BY-SA-4.0"
PDDL = "PDDL-1.0"
PRODUCERS = "The terms of the producers named in the text apply to their data beneath."


@dataclass(frozen=True)
class Citation:
    """One publisher's file: its id, the words to cite it with, licence, public address and what to know.

    `file` is the path below the folder of real files; the compiler adds the file's origin and sha256.
    """

    citation: str
    file: str
    text: str
    licence: str
    url: str
    note: str


WDI_GDP = Citation(
    "world-bank-gdp-per-capita-ppp",
    "owid_context/gdp-per-capita-worldbank.csv",
    "World Bank, World Development Indicators: GDP per capita, PPP (constant 2017 international $), "
    "NY.GDP.PCAP.PP.KD; as distributed by Our World in Data.",
    CC_BY_4,
    "https://data.worldbank.org/indicator/NY.GDP.PCAP.PP.KD",
    "Figures rounded to single precision by the distributor. The file does not print its price base: it "
    "is 2017, the one year in which the United States figure equals its GDP per head in current dollars.",
)
WDI_POPULATION = Citation(
    "world-bank-population",
    "worldbank/datasets_population.csv",
    "World Bank, World Development Indicators: Population, total, SP.POP.TOTL; as distributed by "
    "datasets/population.",
    CC_BY_4,
    "https://data.worldbank.org/indicator/SP.POP.TOTL",
    "",
)
WDI_EXTRACT = Citation(
    "world-bank-wdi-2023-07",
    "wdi_extract/wdi.csv",
    "World Bank, World Development Indicators, last updated 07/25/2023.",
    CC_BY_4,
    "https://databank.worldbank.org/source/world-development-indicators",
    "Holds the years 2018 to 2022.",
)
OWID_ELECTRICITY = Citation(
    "owid-electricity-by-source",
    "owid_grapher/electricity-prod-source-stacked.csv",
    "Ember; Energy Institute, Statistical Review of World Energy; with major processing by Our World in "
    "Data: electricity production by source.",
    CC_BY_4,
    "https://ourworldindata.org/grapher/electricity-prod-source-stacked",
    PRODUCERS,
)
OWID_ENERGY = Citation(
    "owid-energy-per-capita",
    "owid_grapher/per-capita-energy-use.csv",
    "U.S. Energy Information Administration; Energy Institute, Statistical Review of World Energy; with "
    "major processing by Our World in Data: primary energy consumption per capita.",
    CC_BY_4,
    "https://ourworldindata.org/grapher/per-capita-energy-use",
    PRODUCERS,
)
OWID_CO2 = Citation(
    "owid-co2-per-capita",
    "owid_grapher/co-emissions-per-capita.csv",
    "Global Carbon Project, Global Carbon Budget; with major processing by Our World in Data: annual CO2 "
    "emissions per capita.",
    CC_BY_4,
    "https://ourworldindata.org/grapher/co-emissions-per-capita",
    PRODUCERS,
)
WUP_2018 = Citation(
    "un-wup-2018-f22",
    "un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls",
    "United Nations, Department of Economic and Social Affairs, Population Division (2018). World "
    "Urbanization Prospects: The 2018 Revision, Online Edition.",
    CC_BY_3_IGO,
    "https://population.un.org/wup/assets/WUP2018/Files/WUP2018-F22-Cities_Over_300K_Annual.xls",
    "Thousands of persons in urban agglomerations; years after 2018 are projections.",
)

CITATIONS = [OWID_CO2, OWID_ELECTRICITY, OWID_ENERGY, WUP_2018, WDI_GDP, WDI_POPULATION, WDI_EXTRACT]

TABLES: dict[str, Citation] = {
    "un_habitat_open_space": Citation(
        "un-habitat-sdg-11-7-1",
        "unhabitat_open_space/sdg_11_7_1_2024.xlsx",
        "UN-Habitat, Urban Indicators Database: SDG 11.7.1, open spaces in cities, 2024.",
        PDDL,
        "https://data.humdata.org/organization/un-habitat",
        "Published on HDX as hdx-pddl.",
    ),
    "un_habitat_green": Citation(
        "un-habitat-green-areas",
        "unhabitat_green/green_area_share_per_capita_1990_2020.xlsx",
        "UN-Habitat, Urban Indicators Database: share of green areas in cities and green area per capita, "
        "1990-2020.",
        PDDL,
        "https://data.humdata.org/organization/un-habitat",
        "Published on HDX as hdx-pddl.",
    ),
    "un_sdg_transport": Citation(
        "un-sdg-11-2-1-by-city",
        "unsdg_pt_access/pt-access.csv",
        "UN-Habitat and United Nations, SDG database: SDG 11.2.1, convenient access to public transport by "
        "city; as compiled by 360info.",
        CC_BY_4,
        "https://github.com/360-info/report-transport-under1.5c",
        "The coordinates and populations joined by the compiler are not used: some belong to other places.",
    ),
    "metro_systems": Citation(
        "wikipedia-metro-systems",
        "metro_systems/metro_systems.csv",
        "Wikipedia, List of metro systems.",
        CC_BY_SA_4,
        "https://en.wikipedia.org/wiki/List_of_metro_systems",
        "",
    ),
    "net_zero_tracker": Citation(
        "net-zero-tracker-2022-12",
        "net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx",
        "Net Zero Tracker, snapshot of 20 December 2022.",
        CC_BY_4,
        "https://zerotracker.net",
        "This snapshot was published under CC BY 4.0; later ones are under CC BY-NC 4.0.",
    ),
}
"""The published tables that the sample stands in for, by source; only those that may be passed on."""
