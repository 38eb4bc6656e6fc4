"""The five strategies: each proposes and manages, none submits."""
