"""What the services stand on: time, money, places, people and files, free of any domain."""
