"""Visits: the verbs of one presence at a site, from the first promise to what came of it.

A file each: `drafts` (make, change, delete), `lists`, `planning` (schedule, unschedule),
`bookings` (the time that planning takes, and who has it), `skills`, `crew` (who is on the visit),
`promises` (promise, confirm), `releases` (dispatch, recall, accept, decline), `field` (en route …
resume), `endings` (complete … cancel, reopen). `taking` loads a visit for any of them.
"""
