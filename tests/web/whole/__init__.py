"""Whole journeys, too long for every `./test`: `make test-e2e` runs them with the short ones."""
