"""The LEAN adapter: the only package besides main.py that knows the engine."""
