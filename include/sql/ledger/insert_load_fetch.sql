-- Records which fetch a load was read from.
insert into ops.load_fetch (load_id, fetch_id) values (:load_id, :fetch_id);
