-- Ratings that are new, or of which another version of the method computed some year.
select versions.rating
from jsonb_each_text(cast(:versions as jsonb)) as versions (rating, method_version)
where
    not exists (
        select from catalog.method as method
        where method.rating = versions.rating and method.method_version = versions.method_version
    )
    or exists (
        select from report.rating as computed
        where computed.rating = versions.rating and computed.method_version <> versions.method_version
    );
