"""The time loop, subscriptions, history and scheduling of the offline engine."""
