"""A company's life, decided in order and then told: the first day, the days gone by, the present."""

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random

from app.demo.billing import Billing, bill
from app.demo.board import Board
from app.demo.chronicle import Chronicle
from app.demo.clients import Client, make_clients
from app.demo.companies import Company
from app.demo.furnishing import Furnishing
from app.demo.jobs import Bill, Hand, Job, Local
from app.demo.office import Office
from app.demo.planning import Planner
from app.demo.records import hire, offer
from app.demo.working import Work
from app.models.customers import Customer, CustomerStage
from app.models.organisations import OrganisationSettings
from app.services.facts import Fact

Chance = Callable[[str], Random]
"""Chance of its own for each purpose, so that a change in one leaves the others alone."""
FORMER = 2
"""Of a hundred customers of the first day, how many leave."""


class Life:
    """One company from its first day until now, and what is planned already."""

    def __init__(
        self, told: Chronicle, company: Company, opened: datetime, chance: Chance, office: Office
    ):
        self.told = told
        self.company = company
        self.opened = opened
        self.chance = chance
        self.office = office
        self.local = Local(company.who.time_zone)
        self.now = told.until
        self.today = self.local.day(self.now)
        clients = make_clients(chance("clients"), company)
        first = company.customers * company.known_at_start // 100
        self.known, self.later = clients[:first], clients[first:]
        self.jobs: list[Job] = []
        self.bills: list[Bill] = []

    def live(self, organisation: OrganisationSettings) -> None:
        """Decide everything, and tell what has happened of it."""
        for _ in self.telling(organisation):
            pass

    def telling(self, organisation: OrganisationSettings) -> Iterator[None]:
        """The same piece by piece: records and customers first, then each job from call to cash."""
        hands = self._set_up()
        self._write_down(self.known)
        self._work(hands)
        for client in self.later:
            if client.since is not None:
                client.arrive(self.told, client.since, self.office.dispatcher)
        Furnishing(self.told, self.chance("equipment"), self.office.clerk).furnish(
            [*self.known, *self.later]
        )
        self._number()
        words, money = self.chance("words"), self.chance("money")
        billing = Billing(self.told, money, self.local, organisation, self.office.accountant)
        yield
        for job in self.jobs:
            billing.tell(job, Work(self.told, words, self.office, job).tell())
            yield

    def _set_up(self) -> list[Hand]:
        at = self.opened + timedelta(minutes=20)
        skills, job_types = offer(self.told, self.told.act(at, self.office.owner))
        self.office.job_types.update(job_types)
        return hire(
            self.told,
            self.company,
            self.opened + timedelta(minutes=40),
            self.office,
            skills,
            today=self.today,
        )

    def _write_down(self, known: list[Client]) -> None:
        """The customers of the first two days, one after the other."""
        at = self.opened + timedelta(hours=2)
        for place, client in enumerate(known):
            if place == len(known) // 2:
                at = self.opened + timedelta(hours=24, minutes=15)
            client.arrive(self.told, at, self.office.clerk)
            at += timedelta(seconds=100 + 40 * len(client.places))

    def _work(self, hands: list[Hand]) -> None:
        random = self.chance("work")
        callers = self._only_asked(random)
        first_day = self.local.day(self.opened)
        planner = Planner(random, self.local, hands, self._leaving(random), callers, first_day)
        day = first_day + timedelta(days=3)
        growth = (
            Growth(self.company.work_orders, day, self.today) if self.company.work_orders else None
        )
        while day < self.today:
            on_duty, number = self._on_duty(random, hands, day)
            if growth is not None:
                number = growth.jobs_on(random, day, len(planner.jobs))
            planner.day(day, number, on_duty)
            day += timedelta(days=1)
        Board(random, self.local, planner, self.company, self.now).fill()
        for client in [*planner.callers]:
            self._only_ask(random, client)
        self.jobs = sorted(planner.jobs, key=lambda job: job.called)
        assert self.jobs[-1].called <= self.now

    def _on_duty(self, random: Random, hands: list[Hand], day: date) -> tuple[list[Hand], int]:
        """Who works that day, and how many jobs come in; at weekends a few."""
        least, most = self.company.jobs_a_day
        if day.weekday() < 5:
            return [hand for hand in hands if random.randrange(10)], random.randint(least, most)
        few = max(1, len(hands) // 4)
        return random.sample(hands, few), random.randint(0, max(1, least // 3))

    def _only_asked(self, random: Random) -> list[Client]:
        """Those who call later; some of them are not heard of again."""
        alone = [client for client in self.later if client.parent is None]
        for client in alone[: self.company.prospects]:
            self._only_ask(random, client)
        return [client for client in self.later if client.since is None]

    def _only_ask(self, random: Random, client: Client) -> None:
        client.row["stage"] = CustomerStage.prospect
        day = self.today - timedelta(days=random.randint(1, 20))
        client.since = self.local.at(day, random.randint(8, 16), random.randrange(60))

    def _leaving(self, random: Random) -> list[Client]:
        """Those who stay; some of the first leave, and have no work done any more."""
        stay = []
        for client in self.known:
            alone = client.parent is None and client.segment == "home"
            if alone and random.randrange(100) < FORMER:
                day = self.local.day(self.opened) + timedelta(days=random.randint(4, 20))
                self._leave(client, self.local.at(day, 11, random.randrange(60)))
            else:
                stay.append(client)
        return stay

    def _leave(self, client: Client, at: datetime) -> None:
        act = self.told.act(at, self.office.dispatcher)
        self.told.change(act, Customer, client.id, stage=CustomerStage.former)
        name = client.row["name"]
        self.told.say(act, Fact.customer_changed, Customer, client.id, name=name, fields="stage")

    def _number(self) -> None:
        """Bill the jobs, and give both their numbers in the order of time."""
        random = self.chance("bills")
        for place, job in enumerate(self.jobs):
            job.number = self.office.work_order_number(place)
            own = job.client.row.get("payment_terms_days")
            terms = self.office.terms if own is None else own
            bill(random, self.local, job, terms)
        bills = [bill for job in self.jobs for bill in job.bills if bill.issued <= self.now]
        self.bills = sorted(bills, key=lambda bill: bill.issued)
        for place, one in enumerate(self.bills):
            one.number = self.office.invoice_number(place)


class Growth:
    """How many jobs a company takes on each day, so that in the end it has had so many.

    It grows from year to year, has more to do in spring and summer, and little at weekends.
    """

    def __init__(self, wanted: int, first: date, end: date):
        self.wanted = wanted
        self.first = first
        self.days = max(1, (end - first).days)
        self.left = sum(self._weight(first + timedelta(days=n)) for n in range(self.days))

    def jobs_on(self, random: Random, day: date, taken: int) -> int:
        """How many to take on that day, when so many were taken before it."""
        weight = self._weight(day)
        fair = max(0, self.wanted - taken) * weight / max(self.left, weight)
        self.left -= weight
        return round(fair * random.uniform(0.85, 1.15))

    def _weight(self, day: date) -> float:
        growth = 0.7 + 0.6 * (day - self.first).days / self.days
        season = 1 + 0.15 * math.sin((day.timetuple().tm_yday - 80) / 365 * math.tau)
        return growth * season * (0.1 if day.weekday() > 4 else 1)
