-- Inserts what is expected of an indicator of a source.
insert into catalog.expectation (
    source, indicator, requested_within_days, lag_days, last_period, changed_within_days
)
values (:source, :indicator, :requested_within_days, :lag_days, :last_period, :changed_within_days);
