-- One version of a rating's method.
select document
from catalog.method
where rating = :rating and method_version = :method_version;
