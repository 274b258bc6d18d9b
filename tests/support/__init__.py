"""What tests stand on: a database per module, a real server, people who are signed in."""
