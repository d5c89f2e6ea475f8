"""Which days are worked in Viet Nam, and counting them."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    EVERYBODY,
    NARROW,
    STAMPS,
    audited,
    guard,
    policy,
    run,
    versioned,
)

HOLIDAYS = [
    ("2025-01-01", "Tết Dương lịch", "New Year"),
    *((f"2025-01-{day}", "Tết Nguyên đán Ất Tỵ", "Lunar New Year") for day in range(27, 32)),
    ("2025-04-07", "Giỗ Tổ Hùng Vương", "Hùng Kings' Commemoration Day"),
    ("2025-04-30", "Ngày Giải phóng miền Nam", "Reunification Day"),
    ("2025-05-01", "Ngày Quốc tế Lao động", "Labour Day"),
    ("2025-05-02", "Hoán đổi ngày làm việc", "Exchanged working day"),
    ("2025-09-01", "Quốc khánh", "National Day"),
    ("2025-09-02", "Quốc khánh", "National Day"),
    ("2026-01-01", "Tết Dương lịch", "New Year"),
    ("2026-01-02", "Hoán đổi ngày làm việc", "Exchanged working day"),
    *((f"2026-02-{day}", "Tết Nguyên đán Bính Ngọ", "Lunar New Year") for day in range(16, 21)),
    ("2026-04-27", "Nghỉ bù Giỗ Tổ Hùng Vương", "Hùng Kings' Commemoration Day, in lieu"),
    ("2026-04-30", "Ngày Giải phóng miền Nam", "Reunification Day"),
    ("2026-05-01", "Ngày Quốc tế Lao động", "Labour Day"),
    ("2026-08-31", "Hoán đổi ngày làm việc", "Exchanged working day"),
    ("2026-09-01", "Quốc khánh", "National Day"),
    ("2026-09-02", "Quốc khánh", "National Day"),
    ("2027-01-01", "Tết Dương lịch", "New Year"),
    *(
        (f"2027-02-{day:02}", "Tết Nguyên đán Đinh Mùi", "Lunar New Year")
        for day in (5, 8, 9, 10, 11)
    ),
    ("2027-04-16", "Giỗ Tổ Hùng Vương", "Hùng Kings' Commemoration Day"),
    ("2027-04-30", "Ngày Giải phóng miền Nam", "Reunification Day"),
    ("2027-05-03", "Nghỉ bù Ngày Quốc tế Lao động", "Labour Day, in lieu"),
    ("2027-09-02", "Quốc khánh", "National Day"),
    ("2027-09-03", "Quốc khánh", "National Day"),
]
WORKED = ["2025-04-26", "2026-01-10", "2026-08-22"]
"""Saturdays worked for a day that is exchanged."""


def add() -> None:
    run(
        f"""
        create table working_day_exceptions ({STAMPS.format("working_day_exceptions")}
          day date not null,
          working boolean not null,
          name_vi text not null,
          name_en text not null,
          constraint working_day_exception_taken unique (day)
        )
        """,
        f"grant select on working_day_exceptions to {EVERYBODY}",
        f"grant insert, update, delete on working_day_exceptions to {ACADEMY}",
    )
    values = [
        f"('{day}', false, '{vi}', '{en.replace(chr(39), chr(39) * 2)}')"
        for day, vi, en in HOLIDAYS
    ]
    values += [f"('{day}', true, 'Làm bù', 'Worked in exchange')" for day in WORKED]
    run(
        "insert into working_day_exceptions (day, working, name_vi, name_en) values "
        + ", ".join(values),
        # Monday to Friday, but for exceptions.
        """
        create function working_days_before(last date, days integer) returns date
        language sql stable set search_path = public as $$
          select case when days = 0 then last else (
            select d.day::date
            from generate_series(last - 1, last - days * 2 - 60, interval '-1 day') as d (day)
            left join working_day_exceptions e on e.day = d.day::date
            where coalesce(e.working, extract(isodow from d.day) < 6)
            order by d.day desc offset greatest(days - 1, 0) limit 1) end
        $$
        """,
        f"grant execute on function working_days_before to {EVERYBODY}",
    )
    guard("working_day_exceptions")
    for role in (AUDITOR, *NARROW):
        policy(f"read_by_{role}", "working_day_exceptions", role, "true", "select")
    policy("academy_everything", "working_day_exceptions", ACADEMY, "true")
    versioned("working_day_exceptions")
    audited("working_day_exceptions")


def remove() -> None:
    run(
        "drop function working_days_before",
        "drop table working_day_exceptions",
    )
