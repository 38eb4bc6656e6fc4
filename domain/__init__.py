"""Values every other package speaks in: contracts, quotes, Greeks, proposals, verdicts, positions."""
