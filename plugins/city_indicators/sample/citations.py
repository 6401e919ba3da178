"""Where each part of the sample comes from and under which licence it may be passed on."""

from dataclasses import dataclass

CC_BY_4 = "CC-BY-4.0"
CC_BY_3_IGO = "CC-BY-3.0-IGO"
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
