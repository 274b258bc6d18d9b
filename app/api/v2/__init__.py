"""The internal API that our own clients use, one router per domain."""
