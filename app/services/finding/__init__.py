"""Finding records: what a list's `filter` means for whoever asks, and the views people save of it."""

from app.services.finding.filtering import clock_of, fields_of, meant
from app.services.finding.lists import Listed, Lists, list_called

__all__ = ["Listed", "Lists", "clock_of", "fields_of", "list_called", "meant"]
