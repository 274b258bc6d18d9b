"""The edges people and programs come in by. Thin: load, call a verb, return it."""
