-- Ratings that are new, or of which some year was computed by another version of the method.
select versions.rating
from jsonb_each_text(cast(:versions as jsonb)) as versions (rating, method_version)
where
    not exists (
        select from catalog.method as kept
        where kept.rating = versions.rating and kept.method_version = versions.method_version
    )
    or exists (
        select from report.rating as made
        where made.rating = versions.rating and made.method_version <> versions.method_version
    );
