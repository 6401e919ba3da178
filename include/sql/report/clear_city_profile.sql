-- The profile is small and rebuilt as a whole.
delete from report.city_profile;
