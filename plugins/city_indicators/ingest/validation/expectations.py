"""Great Expectations' expectations with a cached configuration, for speed."""

from functools import cache
from typing import Any


@cache
def caching_expectation(expectation: str) -> Any:
    """Return a configuration class for an expectation type whose expectations cache their configuration.

    A stock expectation rebuilds its configuration from all its fields whenever an argument is read, and
    rebuilds itself for every metric: about 150 times a check, half of the time of a small load. Here it is
    built once. The stock expectation still validates, and the results name its type.

    Raises:
        ExpectationNotFoundError: Great Expectations has no expectation of that type.
    """
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.registry import get_expectation_impl

    stock: Any = get_expectation_impl(expectation)

    class Configuration(ExpectationConfiguration):
        cached_expectation: Any = None

        def to_domain_obj(self) -> Any:
            return self.cached_expectation or super().to_domain_obj()

        def _get_expectation_impl(self) -> Any:
            return caching

        def __getstate__(self) -> dict[str, Any]:
            # A copy is made to be changed, so it gets an expectation of its own.
            return {**vars(self), "cached_expectation": None}

    def configuration(self: Any) -> Any:
        if self._cached is None:
            built = stock.configuration.fget(self)
            self._cached = Configuration(
                expectation, built.kwargs, built.meta, built.notes, built.description, built.severity
            )
            self._cached.cached_expectation = self
        return self._cached

    # Great Expectations registers a class by its name: another name keeps the stock expectation.
    caching = type(stock)(
        f"Caching{stock.__name__}",
        (stock,),
        {"_cached": PrivateAttr(None), "configuration": property(configuration)},
    )
    return Configuration
