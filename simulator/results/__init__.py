"""What LEAN computes from a run and writes about it: sampling, charts, statistics, capacity, result files, object store."""
