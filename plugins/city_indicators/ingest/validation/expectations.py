"""Great Expectations' expectations, made to remember how they were configured."""

from functools import cache
from typing import Any


@cache
def remembering(expectation: str) -> Any:
    """The class of configurations of an expectation, by its type, whose expectations remember them.

    A stock expectation makes its configuration anew, from all its fields, whenever one argument is
    read, and itself anew for every metric: some 150 times a check, half of the time of a small load.
    Remembered, it is made once. Judging is left to the stock expectation, whose type the results name.

    Raises:
        ExpectationNotFoundError: Great Expectations has no expectation of that type.
    """
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.registry import get_expectation_impl

    stock: Any = get_expectation_impl(expectation)

    class Configuration(ExpectationConfiguration):
        remembered_by: Any = None

        def to_domain_obj(self) -> Any:
            return self.remembered_by or super().to_domain_obj()

        def _get_expectation_impl(self) -> Any:
            return remembers

        def __getstate__(self) -> dict[str, Any]:
            # A copy is made to be changed: it gets an expectation of its own.
            return {**vars(self), "remembered_by": None}

    def configuration(self: Any) -> Any:
        if self._told is None:
            told = stock.configuration.fget(self)
            self._told = Configuration(
                expectation, told.kwargs, told.meta, told.notes, told.description, told.severity
            )
            self._told.remembered_by = self
        return self._told

    # A class is registered by its name: one of its own leaves the stock expectation where it is.
    remembers = type(stock)(
        f"Remembering{stock.__name__}",
        (stock,),
        {"_told": PrivateAttr(None), "configuration": property(configuration)},
    )
    return Configuration
