"""The verbs of the field: one package or module per domain word."""
