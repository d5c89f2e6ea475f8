"""What other systems read under a standard of theirs, is what the same caller reads here."""

from uuid import UUID, uuid4

import pytest

from tests.contracts.matrix import Matrix, rights

LIST = "http://test/ims/case/v1p1/CFDocuments"


async def shown(caller):
    """Identifiers of the documents that a caller lists; None where they are refused."""
    answer = await caller.http.get(f"{LIST}?limit=1000&fields=identifier")
    if answer.status_code == 404:
        return answer.status_code, set()
    if answer.status_code != 200:
        return answer.status_code, None
    return 200, {one["identifier"] for one in answer.json()["CFDocuments"]}


@pytest.mark.parametrize("kind", ["CFDocuments", "CFPackages"])
async def test_everybody_reads_the_versions_that_are_theirs_to_read(matrix: Matrix, kind: str):
    truth = await matrix.population.truth.whose("framework_versions")
    described = (await matrix.administrator.http.get("/framework-versions?limit=200")).json()
    named = {each["identifier"]: each["id"] for each in described["items"]}
    whose = {name: truth[UUID(id)] for name, id in named.items()}
    for caller in matrix.callers:
        status, listed = await shown(caller)
        if caller.principal is None or caller.withdrawn:
            assert status in (401, 403), caller.name
        elif matrix.lacks_permission("get_framework_tree", caller):
            assert status == 403, caller.name
        else:
            sight = rights("get_framework_tree", caller).reads
            due = {name for name, of in whose.items() if sight(caller.seat, of)}
            assert listed & named.keys() == due, caller.name
            absent = await caller.http.get(f"http://test/ims/case/v1p1/{kind}/{uuid4()}")
            for name in named:
                answer = await caller.http.get(f"http://test/ims/case/v1p1/{kind}/{name}")
                assert answer.status_code == (200 if name in due else 404), caller.name
                if name not in due:
                    assert answer.json() == absent.json()
