-- Grain: rejected row of the latest load of each source. Rows of all loads are in quality.rejected_row.
select
    rejected.source, rejected.load_id, load.validated_at, rejected.ref_area,
    place.name_en as place_name_en, place.name_ru as place_name_ru, place.name_zh as place_name_zh,
    rejected.indicator, indicator.name_en as indicator_name_en,
    indicator.name_ru as indicator_name_ru, indicator.name_zh as indicator_name_zh,
    rejected.time_period, rejected.value_as_published, rejected.rule, rejected.reason,
    fetched.url, rejected.pointer
from quality.rejected_row as rejected
inner join ops.load as load using (load_id)
inner join archive.fetch_event as fetched using (fetch_id)
left join catalog.ref_area as place using (ref_area)
left join catalog.indicator as indicator using (indicator)
where load.load_id in (select max(latest.load_id) from ops.load as latest group by latest.source);
