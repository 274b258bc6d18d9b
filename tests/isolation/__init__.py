"""Two organisations in one database, and everything that must not pass between them."""
