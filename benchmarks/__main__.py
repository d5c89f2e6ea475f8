"""How near the service comes to what this machine can do: ratios of one run, side by side.

Exits 1 when a goal is missed.
"""

import asyncio
import os
import sys
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import ExitStack
from multiprocessing import get_context
from statistics import median
from typing import NamedTuple
from urllib.parse import quote

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks import (
    attendance,
    competencies,
    courses,
    curricula,
    data,
    enrolment,
    load,
    rosters,
    servers,
    sign_in,
    target_groups,
)
from benchmarks.statements import cost_of
from benchmarks.variants import answer, variants

ROUNDS, SECONDS = 5, 2.0
MEMORY = 100
"""Megabytes that a worker may take."""
SEARCH = 20
"""Milliseconds that PostgreSQL may search for a name."""


class Comparison(NamedTuple):
    """One variant's rate beside another's, and how many times that it should reach."""

    what: str
    variant: str
    other: str
    goal: float | None = None


COMPARISONS = (
    Comparison("page of a province / limit", "page", "limit: page", 0.55),
    Comparison("one learner / limit", "one", "limit: one", 0.35),
    Comparison("profile of 40 competencies / limit", "profile", "limit: profile", 0.30),
    Comparison("limit: profile of 40 competencies / one learner", "limit: profile", "limit: one"),
    Comparison("curriculum of 40 modules / limit", "curriculum", "limit: curriculum", 0.35),
    Comparison("200 sessions of a month / limit", "sessions", "limit: sessions", 0.30),
    Comparison("page not modified / page", "page, 304", "page", 2),
    Comparison("one not modified / one", "one, 304", "one"),
    Comparison("page of a province / textbook", "page", "textbook: page", 7),
    Comparison("page of a province / textbook without tokens", "page", "textbook: open page"),
    Comparison("page of a province with predecessors / limit", "page, subtree", "limit: page"),
    Comparison("page of a past day / limit, today", "page, past day", "limit: page"),
    Comparison("page of the Academy / limit", "page, Academy", "limit: everybody"),
    Comparison("a learner added / limit", "add", "limit: add"),
)


class Report:
    """The lines that are printed, and whether a goal was missed."""

    def __init__(self) -> None:
        self.table = Table("", "median", "min - max", "goal", "", title=f"{ROUNDS} rounds")
        self.missed = False

    def add(self, what: str, figure: str, spread: str, goal: str = "", *, met: bool = True) -> None:
        self.missed |= not met
        verdict = "" if not goal else "[green]met" if met else "[red]MISSED"
        self.table.add_row(what, figure, spread, goal, verdict)


async def main() -> bool:
    await data.prepare()
    report = Report()
    with ExitStack() as stack:
        settings, urls = stack.enter_context(data.served())
        bench = await data.opened(settings, urls)
        os.environ["BANGGIAO_SIGN_IN_RATE"] = sign_in.RATE
        service, process = stack.enter_context(servers.service())
        plain = [
            stack.enter_context(
                servers.plain(f"benchmarks.{name}", str(urls.owner), PUBLIC_JWK=bench.public_jwk)
            )
            for name in ("limit:app", "textbook:guarded", "textbook:open_to_all")
        ]
        asked = variants(bench, service, *plain)
        rates, memory = measured(asked, process)
        compare(report, rates)
        await look_into_database(report, bench, service)
        await count_gaps(report, bench, service)
        await take_the_roll(report, bench, service)
        await find_target_groups(report, bench, service)
        await give_seats(report, bench, service, plain[0])
        await let_many_in(report, bench, service, process)
        await send_rosters(report, bench, service, process)
        report.add(
            "memory of the worker (PSS), MB",
            f"{max(memory):.0f}",
            f"{min(memory):.0f} - {max(memory):.0f}",
            f"< {MEMORY}",
            met=max(memory) < MEMORY,
        )
    Console().print(report.table)
    return report.missed


def measured(
    asked: dict[str, load.Request], process: int
) -> tuple[dict[str, list[float]], list[float]]:
    """Answers per second of each variant, round by round; the process's memory meanwhile."""
    rates: dict[str, list[float]] = {name: [] for name in asked}
    memory: list[float] = []
    with ProcessPoolExecutor(1, get_context("spawn")) as loader:
        for request in asked.values():
            loader.submit(load.rate, request, 0.5).result()  # plans are made, caches filled
        for _ in range(ROUNDS):
            for name, request in asked.items():
                running = loader.submit(load.rate, request, SECONDS)
                while wait([running], timeout=0.5).not_done:
                    memory.append(servers.memory(process))
                rates[name].append(running.result())
    return rates, memory


def compare(report: Report, rates: dict[str, list[float]]) -> None:
    for name, rate in rates.items():
        report.add(
            f"{name}, requests/s", f"{median(rate):.0f}", f"{min(rate):.0f} - {max(rate):.0f}"
        )
    report.table.add_section()
    for what, variant, other, goal in COMPARISONS:
        ratios = [a / b for a, b in zip(rates[variant], rates[other], strict=True)]
        spread = f"{min(ratios):.2f} - {max(ratios):.2f}"
        figure, met = f"{median(ratios):.2f}", goal is None or median(ratios) >= goal
        report.add(what, figure, spread, (goal and f">= {goal}") or "", met=met)
    report.table.add_section()


async def look_into_database(report: Report, bench: data.Bench, port: int) -> None:
    owner = await asyncpg.connect(bench.urls.owner)
    last, _ = answer(port, "/v1/learners?sort=-full_name&limit=1", bench.tokens["province"])
    searches = {
        "a frequent family name": "nguyễn",
        "two words": "nguyễn minh",
        "a full name": last["items"][0]["full_name"],
        "nobody": "nobody of this name",
    }
    for who in ("province", "merged", "academy"):
        for what, words in searches.items():
            path = f"/v1/learners?q={quote(words)}"
            cost = await cost_of(owner, port, path, bench.tokens[who])
            report.add(
                f"{who} searches: {what}, ms",
                f"{cost.milliseconds:.1f}",
                "",
                f"< {SEARCH}",
                met=cost.milliseconds < SEARCH,
            )
    report.table.add_section()
    counts = [
        (await cost_of(owner, port, f"/v1/learners?limit={limit}", bench.tokens["province"]))
        for limit in (1, 50, 200)
    ]
    found, _ = answer(port, f"/v1/curricula?code={curricula.CODE}", bench.tokens["province"])
    path = f"/v1/curriculum-versions/{found['items'][0]['in_force_version_id']}/whole"
    whole = await cost_of(owner, port, path, bench.tokens["other"])
    report.add(
        f"curriculum of {curricula.MODULES} modules: statements, ms",
        f"{whole.statements}",
        f"{whole.milliseconds:.2f}",
        f"<= {curricula.STATEMENTS}",
        met=whole.statements <= curricula.STATEMENTS,
    )
    for who in ("other", "academy"):
        month = [await cost_of(owner, port, courses.PATH, bench.tokens[who])]
        first, _ = answer(port, courses.PATH, bench.tokens[who])
        following = f"{courses.PATH}&after={quote(first['next'])}"
        month.append(await cost_of(owner, port, following, bench.tokens[who]))
        number = courses.COURSES * courses.SESSIONS
        report.add(
            f"{who} reads a month of {number} sessions: statements, ms",
            f"{sum(cost.statements for cost in month)}",
            f"{sum(cost.milliseconds for cost in month):.1f}",
            f"<= {courses.STATEMENTS}",
            met=sum(cost.statements for cost in month) <= courses.STATEMENTS,
        )
    for cost, rows in zip(counts, (1, 50, 200), strict=True):
        report.add(
            f"page of {rows}: statements, ms", str(cost.statements), f"{cost.milliseconds:.2f}"
        )
    await owner.close()


async def count_gaps(report: Report, bench: data.Bench, port: int) -> None:
    token = bench.tokens[competencies.ACCOUNT]
    found = await competencies.findings(port, token, str(bench.urls.owner))
    for by, paces in found.items():
        ratios = [pace.gaps / pace.count for pace in paces]
        report.add(
            f"gaps of {competencies.PEOPLE:,} people by {by} / count(*) of their evidence",
            f"{median(ratios):.1f}",
            f"{min(ratios):.1f} - {max(ratios):.1f}",
            f"< {competencies.GOAL}",
            met=median(ratios) < competencies.GOAL,
        )
    report.table.add_section()


async def take_the_roll(report: Report, bench: data.Bench, port: int) -> None:
    paces = await attendance.findings(port, bench.tokens["academy"], str(bench.urls.owner))
    ratios = [pace.roll / pace.limit for pace in paces]
    report.add(
        f"roll call of {attendance.LEARNERS} in one request / limit, by rows",
        f"{median(ratios):.2f}",
        f"{min(ratios):.2f} - {max(ratios):.2f}",
        f">= {attendance.GOAL}",
        met=median(ratios) >= attendance.GOAL,
    )
    report.table.add_section()


async def find_target_groups(report: Report, bench: data.Bench, port: int) -> None:
    found = await target_groups.findings(port, bench.tokens["academy"], str(bench.urls.owner))
    for name, each in found.items():
        ratios = [pace.group / pace.read for pace in each.paces]
        report.add(
            f"target group of {data.LEARNERS:,}: {name} / reading their rows",
            f"{median(ratios):.2f}",
            f"{min(ratios):.2f} - {max(ratios):.2f}, {each.statements} statements",
            f"<= {target_groups.GOAL}",
            met=median(ratios) <= target_groups.GOAL
            and each.statements <= target_groups.STATEMENTS,
        )
    report.table.add_section()


async def give_seats(report: Report, bench: data.Bench, port: int, limit: int) -> None:
    found = await enrolment.findings(port, limit, bench.tokens["academy"], str(bench.urls.owner))
    for what, ratios in {
        "nomination": [pace.limit / pace.nominated for pace in found.paces],
        "confirmation": [pace.limit / pace.confirmed for pace in found.paces],
    }.items():
        report.add(
            f"one {what} / limit: the same insert with a check of places",
            f"{median(ratios):.2f}",
            f"{min(ratios):.2f} - {max(ratios):.2f}",
            f">= {enrolment.GOAL}",
            met=median(ratios) >= enrolment.GOAL,
        )
    report.add(
        f"{enrolment.CALLERS} at once for {enrolment.SEATS} seats: rounds without a fault",
        f"{found.races}",
        f"{found.seconds * 1000:.0f} ms each",
        f">= {enrolment.RACES}",
        met=found.races == enrolment.RACES,
    )
    report.table.add_section()


async def let_many_in(report: Report, bench: data.Bench, port: int, process: int) -> None:
    await sign_in.invite(str(bench.urls.owner))
    cost = await asyncio.to_thread(sign_in.cost, port, process)
    many = f"{sign_in.PEOPLE} sign in at once"
    report.add(f"{many}: seconds until all are in", f"{cost.seconds:.1f}", "")
    report.add("/health/live at rest, p99 ms", f"{cost.at_rest:.1f}", "")
    report.add(
        f"/health/live while {many}, p99 ms",
        f"{cost.meanwhile:.1f}",
        f"{cost.meanwhile / cost.at_rest:.1f} x",
        f"< {sign_in.LATENCY}",
        met=cost.meanwhile < sign_in.LATENCY,
    )
    report.add(
        f"memory by which {many} grow the worker, MB",
        f"{cost.grown:.0f}",
        "",
        f"< {sign_in.MEMORY}",
        met=cost.grown < sign_in.MEMORY,
    )
    report.table.add_section()


async def send_rosters(report: Report, bench: data.Bench, port: int, process: int) -> None:
    place = bench.organizations[rosters.PLACE]
    found = await rosters.findings(port, process, bench.tokens, str(bench.urls.owner), place)
    for name, paces in found.paces.items():
        ratios = [pace.copy / pace.sync for pace in paces]
        report.add(
            f"roster of {rosters.PEOPLE:,}, {name} / COPY",
            f"{median(ratios):.3f}",
            f"{min(ratios):.3f} - {max(ratios):.3f}",
            f">= {rosters.GOALS[name]}",
            met=median(ratios) >= rosters.GOALS[name],
        )
        seconds = [pace.sync for pace in paces]
        report.add(
            f"roster, {name}: seconds",
            f"{median(seconds):.1f}",
            f"{min(seconds):.1f} - {max(seconds):.1f}",
        )
    unchanged = median(pace.sync for pace in found.paces["unchanged"])
    report.add(
        "an ORM that loads and compares / roster, unchanged",
        f"{found.compared / unchanged:.1f}",
        "",
        f">= {rosters.ORM}",
        met=found.compared / unchanged >= rosters.ORM,
    )
    report.add(
        "page of another province meanwhile, p99 ms",
        f"{found.meanwhile:.1f}",
        f"at rest {found.at_rest:.1f}",
        f"< {rosters.LATENCY} x",
        met=found.meanwhile < rosters.LATENCY * found.at_rest,
    )
    report.add(
        "memory by which rosters grow the service, MiB",
        f"{found.grown:.0f}",
        "",
        f"< {rosters.MEMORY}",
        met=found.grown < rosters.MEMORY,
    )
    report.table.add_section()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
