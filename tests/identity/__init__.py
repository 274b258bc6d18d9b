"""Who somebody is and what they may do, tried through the door."""
