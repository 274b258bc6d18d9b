"""What the API promises of every route of a kind: versions, pages, keys, unknown fields, queries."""
