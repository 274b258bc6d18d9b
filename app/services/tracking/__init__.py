"""Where technicians are and were, and who may know.

- `pings`: what devices tell, taken in; what is not kept, and why.
- `working`: when somebody is at work, which is when they may be followed.
- `keeping`: the days of the breadcrumb are opened ahead and let go.
- `looks`: whose positions somebody reaches, and that they looked.
- `nearest`: who is online, where, and who could be somewhere soonest.
- `tracks`: the clean track of a day, and how far it goes.
- `following`, `events`: what tracks say of visits: suggested, or set.
- `roads`, `habits`: how long drives take: as a map service says, as they went here.
- `suggestions`: what is suggested of a visit goes when it moves on.
- `arriving`: when somebody will be at a visit.
- `live`: what of it is told over sockets.
"""
