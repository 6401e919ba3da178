"""Citations: the origin and licence of each part of the sample."""

from dataclasses import dataclass

CC_BY_4 = "CC-BY-4.0"
CC_BY_3_IGO = "CC-BY-3.0-IGO"
CC_BY_SA_4 = "CC-BY-SA-4.0"
PDDL = "PDDL-1.0"
# https://data.un.org/Host.aspx?Content=UNdataUse: data and metadata "may be copied freely, duplicated and
# further distributed provided that UNdata is cited as the reference".
UNDATA_TERMS = "UNdata terms of use"
US_GOVERNMENT_WORK = "US-Government-Work"
MIT = "MIT"
PRODUCERS = "The terms of the producers named in the text apply to their underlying data."


@dataclass(frozen=True)
class Citation:
    """One publisher's file: its id, the citation text, licence, public address and a note.

    `file` is the path below the folder of real files; the compiler adds the file's origin and sha256. The
    origin (repository, path, commit) of a file that SOURCES.tsv does not name is `origin`.
    """

    citation: str
    file: str
    text: str
    licence: str
    url: str
    note: str
    origin: tuple[str, str, str] | None = None


WDI_GDP = Citation(
    "world-bank-gdp-per-capita-ppp",
    "owid_context/gdp-per-capita-worldbank.csv",
    "World Bank, World Development Indicators: GDP per capita, PPP (constant 2017 international $), "
    "NY.GDP.PCAP.PP.KD; as distributed by Our World in Data.",
    CC_BY_4,
    "https://data.worldbank.org/indicator/NY.GDP.PCAP.PP.KD",
    "Values rounded to single precision by the distributor. The file does not state its price base: it is "
    "2017, the only year in which the value of the United States equals its GDP per head in current dollars.",
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
    "Covers the years 2018 to 2022.",
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

UNDATA_POPULATION = Citation(
    "undata-city-population",
    "undata_city_population/UNdata_Export_20240220_163008679.csv",
    "UNdata: United Nations Statistics Division, Demographic Statistics Database, city population by sex, "
    "city and city type.",
    UNDATA_TERMS,
    "https://data.un.org/Data.aspx?d=POP&f=tableCode:240",
    "Exported on 20 February 2024. Data as reported by countries; some cities have several values per year.",
)

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
    "carbon_monitor_china": Citation(
        "huo-2022-carbon-monitor-china",
        "carbon_monitor_cities/huo_EmissionsAgg.csv",
        "Huo D. et al. (2022): Carbon Monitor Cities-China, doi:10.6084/m9.figshare.20264277.v2; annual sums "
        "by the Open Earth Foundation (OpenClimate).",
        CC_BY_4,
        "https://doi.org/10.6084/m9.figshare.20264277.v2",
        "",
    ),
    "co2_japan_long": Citation(
        "long-2020-japan-prefectures",
        "city_co2_openclimate/excerpt_EmissionsAgg.csv",
        "Long Y. et al. (2020): Japan prefectural CO2 accounting and social-economic inventory from 2007 to "
        "2015, doi:10.6084/m9.figshare.c.4847226.v1; annual sums by the Open Earth Foundation (OpenClimate).",
        CC_BY_4,
        "https://doi.org/10.6084/m9.figshare.c.4847226.v1",
        "Only the rows of Tokyo (JP-13) and of this publisher are used.",
        (
            "Open-Earth-Foundation/OpenClimate",
            "harmonize/data/processed/long_etal_2020_JP_prefectural/EmissionsAgg.csv",
            "822037b737999c397f58b442a5a31e4098dd42e1",
        ),
    ),
    "ghs_ucdb": Citation(
        "jrc-ghs-ucdb-r2024a-health",
        "ghs_ucdb_r2024a/excerpt_health.csv",
        "Mari Rivero et al. (2026): GHS-UCDB R2024A - GHS Urban Centre Database 2025, theme HEALTH, "
        "version 1.2, European Commission, Joint Research Centre; as compiled by TidyTuesday.",
        CC_BY_4,
        "https://doi.org/10.2905/1a338be6-7eaf-480c-9664-3a8ade88cbcd",
        "Rows of 23 urban centres; the compiler's NA is written - again, as the publisher does.",
        (
            "rfordatascience/tidytuesday",
            "data/2026/2026-09-29/health.csv",
            "0877c8da442b7e6cb256bda5411f5d4f6bf49756",
        ),
    ),
    "future_cities_bastin": Citation(
        "bastin-2019-future-cities",
        "future_cities_bastin/excerpt_future_cities_data.csv",
        "Bastin J-F. et al. (2019): Understanding climate change from a global analysis of city analogues, "
        "PLoS ONE 14(7): e0217592.",
        CC_BY_4,
        "https://doi.org/10.1371/journal.pone.0217592",
        "Rows of 43 cities. Projections: baseline period, scenario and models are not in the file.",
        (
            "hooge104/future_cities",
            "data/future_cities_data.csv",
            "60c97351dd699214067c086712b424502f2b29b2",
        ),
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
    "undata_population": UNDATA_POPULATION,
    "undata_population_footnotes": UNDATA_POPULATION,
    "un_sdg_waste": Citation(
        "un-sdg-11-6-1-by-city",
        "un_sdg_goal11/Goal11_slums_wastecollection.xlsx",
        "UNdata: United Nations Statistics Division, Global SDG Indicators Database, indicator 11.6.1, "
        "series EN_REF_WASCOL by city; compiled by UN-Habitat.",
        UNDATA_TERMS,
        "https://unstats.un.org/sdgs/dataportal/database",
        "The database is one of those that UNdata serves; the portal's own terms page could not be checked.",
    ),
    "what_a_waste": Citation(
        "world-bank-what-a-waste-cities",
        "what_a_waste/city_level_data_0_0.csv",
        "World Bank, What a Waste Global Database (What a Waste 2.0, 2018): city level data.",
        CC_BY_4,
        "https://datacatalog.worldbank.org/search/dataset/0039597",
        "Without years; its codebook has the years of population and tonnage.",
    ),
    "what_a_waste_codebook": Citation(
        "world-bank-what-a-waste-codebook",
        "what_a_waste/city_level_codebook_0.csv",
        "World Bank, What a Waste Global Database (What a Waste 2.0, 2018): city level codebook.",
        CC_BY_4,
        "https://datacatalog.worldbank.org/search/dataset/0039597",
        "",
    ),
    "grid_co2": Citation(
        "codecarbon-global-energy-mix",
        "grid_co2_codecarbon/global_energy_mix.json",
        "Our World in Data: carbon intensity of electricity by country; as shipped with codecarbon 3.3.2.",
        CC_BY_4,
        "https://github.com/mlco2/codecarbon",
        "Each country has its own year.",
    ),
    "grid_co2_provinces": Citation(
        "codecarbon-china-provincial-emissions",
        "grid_co2_codecarbon/china_provincial_emissions.json",
        "Ministry of Ecology and Environment and National Bureau of Statistics of China, Announcement 2025 "
        "No. 47: provincial average electricity CO2 emission factors; as shipped with codecarbon 3.3.2.",
        MIT,
        "https://www.mee.gov.cn/xxgk2018/xxgk/xxgk01/202512/t20251231_1139517.html",
        "CO2 only; average of the electricity used in the province, including trade between provinces.",
    ),
    "grid_co2_states": Citation(
        "codecarbon-usa-emissions",
        "grid_co2_codecarbon/usa_emissions.json",
        "US Environmental Protection Agency, eGRID2023: annual CO2 equivalent total output emission rate by "
        "state; as shipped with codecarbon 3.3.2.",
        MIT,
        "https://www.epa.gov/egrid/download-data",
        "Pounds per megawatt hour.",
    ),
}
"""The published tables in the sample, by the table's name; only those that may be redistributed.

Left out: CEADs' (no formal licence); CDP's and C40's, because CDP's Open Data Portal License could not
be read and CDP's site forbids republishing; WHO's (no commercial use); Stowell et al.'s, whose page does not
state a permission; OpenGHGMap's, whose licence is share-alike.
"""


def _daily_weather(ref_area: str, name: str) -> Citation:
    return Citation(
        f"nasa-power-daily-{ref_area}",
        f"daily_weather_nasa_power/nasa_weather_{name}_1999_2024.csv",
        "NASA Langley Research Center (LaRC), Prediction Of Worldwide Energy Resources (POWER) project, "
        f"based on MERRA-2: daily weather, {name.replace('_', ' ')}, 2022-2024.",
        US_GOVERNMENT_WORK,
        "https://power.larc.nasa.gov/docs/services/api/temporal/daily/",
        "Daily highs and lows and precipitation; daily means are not in the file.",
    )


WEATHER: dict[str, Citation] = {
    ref_area: _daily_weather(ref_area, name)
    for ref_area, name in {
        "bangkok": "Bangkok",
        "beijing": "Beijing",
        "berlin": "Berlin",
        "buenos-aires": "Buenos_Aires",
        "cairo": "Cairo",
        "delhi": "Delhi",
        "istanbul": "Istanbul",
        "london": "London",
        "los-angeles": "Los_Angeles",
        "madrid": "Madrid",
        "mexico-city": "Mexico_City",
        "new-york-city": "New_York_City",
        "paris": "Paris",
        "seoul": "Seoul",
        "sydney": "Sydney",
        "tokyo": "Tokyo",
    }.items()
}
"""The files of daily weather by city; Dubai's is left out, because its grid cell is at sea."""
