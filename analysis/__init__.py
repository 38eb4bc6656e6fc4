"""Pure numbers: pricing, implied volatility, chains, volatility measures and stress. Arrays in, arrays out; no LEAN, no clock, no state."""
