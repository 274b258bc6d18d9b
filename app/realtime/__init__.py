"""The hub: what changes is seen at once by everyone who may see it, and by nobody else.

A socket is a reader of the journal. After the relay has numbered entries, each process reads them once
for each organisation that somebody here listens to, asks for whom each is (by the same `visible_to` as
every list, under rights read after the entries were committed), and writes one frame to many. Nothing
is queued: a socket that does not read falls behind, and is brought up from the journal when it reads
again, or is closed. `docs/realtime.md` says what travels.
"""
