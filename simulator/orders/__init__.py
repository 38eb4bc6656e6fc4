"""Orders, their tickets and events, and how they are filled and charged."""
