"""Backup and restore of a whole instance: database and files in one archive that proves itself.

- `core.archive`: the file; a tar whose last member is the digest of everything before it.
- `survey`: what is in a database, in figures that two databases can be compared by.
- `making`: the archive is written beside its name and renamed when it is complete.
- `restoring`: into an empty place only; the schema's revision is written last, and without it
  nothing starts, so a restore that was killed is never taken for an instance.
"""
