"""Bringing somebody else's list in: which column means what, and who is already here.

Everything in this package that decides is pure; what reads and writes the database calls it.
"""
