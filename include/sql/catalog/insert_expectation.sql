-- What may be expected of a source's indicator.
insert into catalog.expectation (
    source, indicator, requested_within_days, lag_days, last_period, changed_within_days
)
values (:source, :indicator, :requested_within_days, :lag_days, :last_period, :changed_within_days);
