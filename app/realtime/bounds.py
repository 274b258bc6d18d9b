"""Every bound of the hub in one place. What is larger is refused, conflated or closed, never kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """What one process grants."""

    message: int = 64 * 1024
    """Bytes of a message from a client; more is closed 1009."""
    fragments: int = 256
    """Frames that one message may come in."""
    messages: int = 60
    """Messages a socket may send in a row; they come back one every quarter of a second."""
    topics: int = 50
    """Topics of one socket."""
    of_person: int = 20
    """Sockets of one person in one organisation."""
    of_organisation: int = 2_000
    sockets: int = 10_000
    """Sockets of the process, those that have not said hello included."""
    strangers: int = 500
    """Sockets that have not said hello yet."""
    strangers_of: int = 50
    """Those of one address: an office comes in through one, and says hello at once."""
    hello_within: int = 10
    """Seconds to say hello."""
    page: int = 200
    """Journal entries that are read at once."""
    replay: int = 2_000
    """Entries that are replayed at most; whoever missed more is told to look at everything again."""
    behind: int = 1_000
    """Entries that a socket may fall behind before it is closed 1013."""
    stuck: int = 20
    """Seconds in which a socket for which something waits takes nothing before it is closed 1013."""
    buffered: int = 64 * 1024
    """Bytes that wait for a socket in this process; from then on it is behind, and nothing is read of
    it. What one reading brought (a quarter of a megabyte of pings at most) may be answered on top."""
    ephemeral: int = 5_000
    """Keys whose latest state waits for one socket."""
    heartbeat: int = 15
    """Seconds between two signs of life when nothing happens."""
    pace: int = 1
    """Seconds between two states of one thing, for what is not in the journal."""
    gather: int = 100
    """Milliseconds in which such changes are gathered, to be told together."""
    marks: int = 1_000
    """Milliseconds between two words on up to where nothing is missing."""
    recheck: int = 2
    """Seconds between two looks at the rights of those who listen."""
    reconnect: int = 5_000
    """Milliseconds over which those who are sent away come back, at most."""
