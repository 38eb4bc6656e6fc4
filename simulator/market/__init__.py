"""The generated market: a seeded model of prices and implied volatilities, written as a complete LEAN data folder."""
