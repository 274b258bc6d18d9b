"""All that is reached without a staff session."""
