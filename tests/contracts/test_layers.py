"""Two layers refuse, and each refuses its part alone.

Row policies alone hide every foreign row, whatever routes let through. What only permissions keep
apart are people who look from the same reach: a viewer from a coordinator, staff from an
administrator, a program from what its scopes leave out; and `claim_learner`, whose step is the
Academy's. Permissions alone refuse every verb, whatever rows can be seen.
"""

from collections.abc import AsyncIterator

import pytest

from app.access.caller import Principal
from tests.contracts.matrix import FORBIDDEN, UNAUTHENTICATED, Matrix, outcome
from tests.contracts.rules import FOR_EVERYBODY, OPERATIONS, TABLES
from tests.contracts.truth import Truth

IN_THE_ACADEMYS_NAME = {"claim_learner"}
"""Row policies do not stand before these; who may ask for them, permissions alone decide."""


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - IN_THE_ACADEMYS_NAME - FOR_EVERYBODY))
async def test_row_policies_alone_hide_what_is_not_theirs(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, name: str
):
    """Of those whom permissions would have refused; the others are the matrix's already."""
    monkeypatch.setattr(Principal, "may", lambda *_: True)
    others = [caller for caller in matrix.callers if matrix.lacks_permission(name, caller)]
    assert others
    failures = [failure async for failure in matrix.failures(name, others, verbs=False)]
    assert not failures, "\n".join(failures)


@pytest.fixture(scope="module")
async def without_policies(truth: Truth) -> AsyncIterator[None]:
    async with truth.as_owner(keep=True) as owner:
        for table in TABLES:
            await owner.execute(f"alter table {table} disable row level security")
    yield
    async with truth.as_owner(keep=True) as owner:
        for table in TABLES:
            await owner.execute(f"alter table {table} enable row level security")


@pytest.mark.parametrize("name", OPERATIONS)
async def test_permissions_alone_refuse_what_is_not_granted(
    matrix: Matrix, without_policies: None, name: str
):
    target, id = next(iter(matrix.targets(name).items()))
    due = {caller: matrix.expected(name, caller, target) for caller in matrix.callers}
    refused = [caller for caller in due if due[caller] in (FORBIDDEN, UNAUTHENTICATED)]
    assert refused
    for caller in refused:
        response = await matrix.send(name, caller, id)
        assert outcome(response) in due[caller], f"{caller.name}, {name}, {target}"
