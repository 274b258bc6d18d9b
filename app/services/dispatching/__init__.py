"""The dispatcher's day: what the planner knows of the database, and what people do with what it says."""
