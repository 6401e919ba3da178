-- Records what is wrong with an object of the archive.
insert into archive.verification_finding (verification_id, object, finding, healed_from)
values (:verification_id, :object, :finding, :healed_from);
