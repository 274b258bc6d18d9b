"""Finding records: what a list's `filter` means for whoever asks."""

from app.services.finding.filtering import clock_of, fields_of, meant

__all__ = ["clock_of", "fields_of", "meant"]
