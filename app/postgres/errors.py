"""The one thing that can go wrong here: there will be no server. The message says what to do."""


class StartError(Exception):
    """PostgreSQL could not be started. The text is a sentence that a person can act on."""
