-- Records the full result of a Great Expectations suite.
insert into quality.validation (load_id, suite, success, evaluated, failed, validated_at, result)
values (:load_id, :suite, :success, :evaluated, :failed, :validated_at, :result);
