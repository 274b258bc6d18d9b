"""The board: some days of everybody as one picture, small to send and quick to patch."""
