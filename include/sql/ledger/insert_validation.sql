-- The full result of one Great Expectations suite.
insert into quality.validation (load_id, suite, success, evaluated, failed, validated_at, result)
values (:load_id, :suite, :success, :evaluated, :failed, :validated_at, :result);
