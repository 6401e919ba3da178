-- How sure the ranks of a rating are, and a rating that was given up.
insert into report.rating_uncertainty values ('r', '2019', 'aggregation:geometric', 'alpha', 12, 1);
insert into report.rank_pairs values ('r', '2019', 'alpha', 'beta', 0.75, true);
insert into report.rating_sensitivity values ('r', '2019', 'factor', 'weights', 0.5, 0.1, 0.6, 0.1, 0.25);
insert into report.rating_coherence values
('r', '2019', 'population', 'POP', '', 'importance', 0.9, 0.01, null, null);
insert into report.rating_draw values ('r', '1', 0, '{"weights": 0}');
insert into catalog.rating_listed values ('r', '2021-03-01T00:00:00Z', false);
