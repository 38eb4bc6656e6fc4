"""LEAN's shared vocabulary: enums, symbols, bars, time zones."""
