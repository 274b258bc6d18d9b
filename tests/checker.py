"""Whether a plan can be carried out, told by walking the times that it states.

It knows the dataclasses and nothing else of the planner: what is wrong there cannot be wrong here in the
same way. It keeps a diary for each resource and asks of each entry what a suspicious foreman would ask.
Codes are those of the rules.
"""

from dataclasses import dataclass

from app.scheduling.model import (
    Leg,
    Lock,
    Plan,
    Problem,
    Resource,
    Route,
    State,
    StopKind,
    Task,
    WindowKind,
)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and with which task or resource."""

    code: str
    about: str


@dataclass(frozen=True)
class Entry:
    """A line in somebody's diary."""

    what: str
    start: int
    end: int
    of: str = ""


def faults(problem: Problem, plan: Plan) -> list[Fault]:
    """All that is wrong with a plan."""
    tasks = {one.id: one for one in problem.tasks}
    resources = {one.id: one for one in problem.resources}
    found: list[Fault] = []
    seen: dict[str, list[tuple[Resource, int, int]]] = {one: [] for one in tasks}
    for number, route in enumerate(plan.routes):
        if route.resource in [one.resource for one in plan.routes[:number]]:
            found.append(Fault("double_booking", route.resource))
        resource = resources[route.resource]
        found += _route(problem, resource, tasks, route)
        for stop in route.stops:
            if stop.task is not None:
                seen[stop.task].append((resource, stop.start, stop.end))
                found += _task(problem, resource, tasks[stop.task], stop.start, stop.end)
    for id, task in tasks.items():
        found += _whole(problem, task, seen, id in plan.unplanned)
    if plan.cost_parts:
        for part, amount in costs(problem, plan).items():
            if plan.cost_parts.get(part) != amount:
                found.append(Fault("cost", part))
    return found


def _task(problem: Problem, who: Resource, task: Task, start: int, end: int) -> list[Fault]:
    wrong = []
    for code, level in task.skills.items():
        if code not in who.skills or who.skills[code] < level:
            wrong.append("skill_missing")
    if task.territory and who.territories and task.territory not in who.territories:
        wrong.append("other_territory")
    if len(task.required) > 0 and who.technician not in task.required:
        wrong.append("other_technician_required")
    if who.technician in task.excluded:
        wrong.append("technician_excluded")
    if who.on_call and task.priority > 1:
        wrong.append("on_call")
    told = [(one.start, one.end) for one in task.windows if one.kind == WindowKind.promise]
    if task.promised:
        told = [(task.promised.start, task.promised.end)]
    if told and not any(low <= start <= high + task.late_limit for low, high in told):
        wrong.append("outside_promise")
    if not _let_in(task, start, end):
        wrong.append("outside_access_hours")
    was = [(one.technician, one.day) for one in task.current]
    held = task.lock in (Lock.resource, Lock.both) and was and (who.technician, who.day) not in was
    begins = [one.start for one in task.current]
    if held or (task.lock in (Lock.time, Lock.both) and begins and start not in begins):
        wrong.append("locked")
    own = task.duration_by_technician
    takes = own[who.technician] if task.roles == 1 and who.technician in own else task.duration
    if end - start != takes:
        wrong.append("wrong_duration")
    return [Fault(code, task.id) for code in wrong]


def _let_in(task: Task, start: int, end: int) -> bool:
    """Walk from one opening into the next until the end of the presence."""
    hours = [(one.start, one.end) for one in task.windows if one.kind == WindowKind.access]
    if not hours:
        return True
    inside, moved = start, True
    while moved:
        moved = False
        for opens, closes in hours:
            if opens <= inside < closes or (start == end == closes):
                inside, moved = closes, True
                if inside >= end:
                    return True
    return False


def _route(problem: Problem, who: Resource, tasks: dict[str, Task], route: Route) -> list[Fault]:
    wrong: list[str] = []
    diary: list[Entry] = []
    place, travelled, home_drive = who.start, False, 0
    for stop in route.stops:
        if stop.kind == StopKind.pause:
            diary.append(Entry("break", stop.start, stop.end))
            continue
        goal = tasks[stop.task].place if stop.task else who.end
        seconds = problem.travel(place, goal)
        leaves = stop.leave_at if stop.leave_at is not None else stop.start
        if leaves + seconds > stop.start:
            wrong.append("travel_does_not_fit")
        diary.append(Entry("drive", leaves, leaves + seconds, "" if travelled else "first"))
        if stop.kind == StopKind.task:
            diary.append(Entry("work", stop.start, stop.end, stop.task or ""))
        else:
            home_drive = seconds
            diary.append(Entry("home", stop.start, stop.end))
        place, travelled = goal, True
    wrong += _diary(diary, who)
    wrong += _ends_of_day(diary, who, home_drive)
    wrong += _break(diary, who)
    aboard: dict[str, int] = {}
    for stop in route.stops:
        for unit, amount in (tasks[stop.task].demand if stop.task else {}).items():
            aboard[unit] = aboard.get(unit, 0) + amount if aboard.get(unit, 0) + amount > 0 else 0
            if aboard[unit] > who.capacity.get(unit, 0):
                wrong.append("over_capacity")
    return [Fault(code, who.id) for code in wrong]


def _diary(diary: list[Entry], who: Resource) -> list[str]:
    """Nothing lies over anything else, and all comes in the order in which it is told."""
    wrong = []
    for number, one in enumerate(diary):
        for other in diary[:number]:
            pair = {one.what, other.what}
            backwards = one.start < other.end and "break" not in pair
            over = max(one.start, other.start) < min(one.end, other.end)
            if not backwards and not over:
                continue
            if "break" in pair:
                wrong.append("no_room_for_break")
            elif pair == {"work"}:
                wrong.append("double_booking")
            else:
                wrong.append("travel_does_not_fit")
        for busy in who.busy:
            if max(one.start, busy.start) < min(one.end, busy.end):
                taken = {"event": "double_booking", "break": "no_room_for_break"}
                met = {"break": "no_room_for_break", "drive": "travel_does_not_fit"}
                wrong.append(met.get(one.what) or taken.get(busy.kind) or "time_off")
    return wrong


def _ends_of_day(diary: list[Entry], who: Resource, home_drive: int) -> list[str]:
    wrong = []
    opens = who.shift.start
    if who.available_from is not None and who.available_from > opens:
        opens = who.available_from
    closes = who.shift.end + who.max_overtime
    for one in diary:
        from_when = opens
        commuting = one.of == "first" and one.what == "drive" and who.first_leg == Leg.outside
        if commuting and who.available_from is None:
            from_when = opens - min(one.end - one.start, 3600)
        if one.start < from_when:
            wrong.append("outside_shift")
        if one.what == "work" and one.start > closes:
            wrong.append("outside_shift")
        until = closes
        if one.what in ("drive", "home") and who.last_leg == Leg.outside:
            until = closes + min(home_drive, 3600)
        if one.end > until:
            wrong.append("overtime")
    if any(one.what == "work" for one in diary):
        places = [one.what for one in diary if one.what != "break"]
        if places[-1] != "home" or places.count("home") != 1:
            wrong.append("travel_does_not_fit")
    return wrong


def _break(diary: list[Entry], who: Resource) -> list[str]:
    taken = [one for one in diary if one.what == "break"]
    works = any(one.what == "work" for one in diary)
    if who.pause is None or who.break_taken or not works:
        return ["no_room_for_break"] if taken else []
    if len(taken) != 1:
        return ["no_room_for_break"]
    only = taken[0]
    on_time = who.pause.earliest <= only.start <= who.pause.latest
    whole = only.end - only.start == who.pause.duration
    return [] if on_time and whole else ["no_room_for_break"]


def _whole(
    problem: Problem,
    task: Task,
    seen: dict[str, list[tuple[Resource, int, int]]],
    left_out: bool,
) -> list[Fault]:
    """What can only be told of a task once all routes were read."""
    wrong = []
    places = seen[task.id]
    if (len(places) == 0) != left_out:
        wrong.append("unaccounted")
    if places:
        people = {who.technician for who, _, _ in places}
        if len(places) != task.roles or len(people) != task.roles:
            wrong.append("crew_incomplete")
        if {(start, end) for _, start, end in places} != {places[0][1:]}:
            wrong.append("crew_incomplete")
    for link in task.links:
        for _, start, _ in places:
            ends = [end for _, _, end in seen[link.task]]
            soon = not ends or start < max(ends) + link.min_gap
            most = link.max_gap
            if soon or (most is not None and start > max(ends) + most):
                wrong.append("linked_visits")
    now_at = sorted((who.technician, who.day, start) for who, start, _ in places)
    was_at = sorted((one.technician, one.day, one.start) for one in task.current)
    if was_at and now_at != was_at:
        if task.state in (State.en_route, State.on_site, State.working, State.paused):
            wrong.append("begun")
        elif not task.released and min(at for _, _, at in was_at) < problem.frozen_until:
            wrong.append("frozen")
    return [Fault(code, task.id) for code in wrong]


def costs(problem: Problem, plan: Plan) -> dict[str, int]:
    """What a plan costs by the formula of the page on scheduling, added up task by task."""
    weights = problem.weights
    tasks = {one.id: one for one in problem.tasks}
    resources = {one.id: one for one in problem.resources}
    parts = dict.fromkeys(("travel", "overtime", "balance", "late", "past_due", "unplanned"), 0)
    parts |= dict.fromkeys(("not_preferred", "surplus_levels", "moves", "broken_promises"), 0)
    carried = []
    counted: set[str] = set()
    for route in plan.routes:
        who = resources[route.resource]
        place, driven, worked, until = who.start, 0, 0, 0
        for stop in route.stops:
            if stop.kind == StopKind.pause:
                until = max(until, stop.end)
                continue
            goal = tasks[stop.task].place if stop.task else who.end
            leg = problem.travel(place, goal)
            place, driven = goal, driven + leg
            if stop.task is None:
                unpaid = min(3600, leg) if who.last_leg == Leg.outside else 0
                until = max(until, stop.end - unpaid)
                continue
            until = max(until, stop.end)
            worked += stop.end - stop.start
            task = tasks[stop.task]
            if task.preferred and who.technician not in task.preferred:
                parts["not_preferred"] += weights.not_preferred
            for code in task.skills:
                more = who.skills.get(code, 0) - task.skills[code]
                parts["surplus_levels"] += weights.surplus_level * (more if more > 0 else 0)
            parts["moves"] += _move(problem, who, task)
            if task.id not in counted:
                counted.add(task.id)
                told = [one for one in task.windows if one.kind == WindowKind.promise]
                ends = [(one.start, one.end) for one in told]
                if task.promised:
                    ends = [(task.promised.start, task.promised.end)]
                    if not task.promised.start <= stop.start <= task.promised.end:
                        parts["broken_promises"] += weights.broken_promise
                if not any(low <= stop.start <= high for low, high in ends):
                    before = [high for _, high in ends if high < stop.start]
                    beyond = stop.start - max(before) if before else 0
                    parts["late"] += beyond * weights.late // 1000
                if task.due is not None and stop.end > task.due:
                    parts["past_due"] += (stop.end - task.due) * weights.past_due // 1000
        parts["travel"] += driven * weights.travel // 1000
        if route.stops and until > who.shift.end:
            parts["overtime"] += (until - who.shift.end) * weights.overtime // 1000
        carried.append(driven + worked)
    mean = sum(carried) // len(problem.resources)
    for load in carried:
        if load > mean:
            parts["balance"] += (load - mean) * weights.balance // 1000
    for id in plan.unplanned:
        parts["unplanned"] += weights.drop[tasks[id].priority]
        if tasks[id].promised or tasks[id].current:
            parts["unplanned"] += weights.drop_planned
        due = tasks[id].due
        if due is not None and problem.now > due:
            parts["unplanned"] += (problem.now - due) // 86_400 * weights.drop_day_past_due
    return parts


def _move(problem: Problem, who: Resource, task: Task) -> int:
    weights, same_day, stays = problem.weights, False, False
    for one in task.current:
        same_day = same_day or one.day == who.day
        stays = stays or (one.day == who.day and one.technician == who.technician)
    if stays or not task.current:
        return 0
    extra = weights.confirmed if task.confirmed else 0
    if not same_day:
        return extra + weights.other_day
    if task.state == State.dispatched:
        return extra + weights.other_technician_dispatched
    return extra + weights.other_technician
