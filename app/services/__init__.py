"""Verbs: what a person, a phone, a partner or the clock can do, each in one transaction."""
