"""What is done for attainments and figures by the clock."""

from app.core.database.sessions import Database

AT_ONCE = 50_000
"""Attainments renewed by one statement."""


async def renew(database: Database) -> None:
    """What is kept of attainments and was true until yesterday, or by another rule.

    Reading reckons it anew by itself, each time; this only saves the time.
    """
    renewed = AT_ONCE
    while renewed == AT_ONCE:
        renewed = (await database.unscoped("select renew_attainments($1)", AT_ONCE))[0][0]


async def count(database: Database) -> None:
    """The figures of the country, unless they are this month's already."""
    await database.unscoped("select count_gaps()")
