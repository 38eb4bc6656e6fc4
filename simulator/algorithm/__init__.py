"""QCAlgorithm, composed as LEAN's partial classes are."""
