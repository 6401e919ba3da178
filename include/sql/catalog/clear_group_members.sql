-- Memberships are declared as a whole: those no longer declared go.
delete from catalog.city_group_member;
