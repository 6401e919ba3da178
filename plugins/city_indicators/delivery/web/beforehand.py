"""Does beforehand what the first readers of a process would wait for."""

from importlib import import_module

from city_indicators.core.languages import languages
from city_indicators.delivery.exports.texts import codes
from city_indicators.delivery.web.render import environment
from city_indicators.delivery.web.static import SCRIPT, address
from city_indicators.warehouse.dictionary import dictionary


def prepare() -> None:
    """Begin the script of the charts, import the statistics, read the declarations, compile all templates."""
    address(SCRIPT)
    import_module("scipy.stats")
    codes()
    dictionary()
    for language in languages():
        templates = environment(language)
        for template in templates.list_templates():
            templates.get_template(template)
