-- report.rank_pairs becomes a view of report.drawn_ranks: the next refresh computes the ranks of all draws.
drop table if exists report.rank_pairs;
