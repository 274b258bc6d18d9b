"""The planner: pure functions over immutable values. No database, no HTTP, no clock, no network."""
