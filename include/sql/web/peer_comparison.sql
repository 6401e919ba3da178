-- Grain: indicator. The latest values of a city among those of its peers.
select
    compared.indicator,
    compared.time_period,
    compared.obs_value,
    compared.unit_measure,
    compared.peers,
    compared.peer_median,
    compared.peer_lowest,
    compared.peer_highest
from report.peer_comparison as compared
where compared.ref_area = :ref_area
order by compared.indicator;
