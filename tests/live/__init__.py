"""The hub through real sockets: what is told, to whom, and what is not."""
