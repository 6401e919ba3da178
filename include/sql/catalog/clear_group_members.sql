-- Deletes all memberships of groups, before those of the files are inserted.
delete from catalog.city_group_member;
