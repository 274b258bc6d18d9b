"""Work orders: the verbs of the folder that holds a piece of work.

The status follows from the visits (`following`); a person moves it only by the verbs of
`WorkOrder.MOVES`.
"""

from app.services.work_orders.following import follow

__all__ = ["follow"]
