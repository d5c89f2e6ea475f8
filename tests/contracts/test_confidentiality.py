"""What is somebody's business alone stays in no cache, of a browser or between."""

import pytest

from tests.contracts.matrix import Matrix
from tests.contracts.rules import OPERATIONS


@pytest.mark.parametrize("name", OPERATIONS)
async def test_no_cache_keeps_an_answer_that_takes_a_permission(matrix: Matrix, name: str):
    """Whatever it answers: refusals tell of data too."""
    for id in matrix.targets(name).values():
        answer = await matrix.send(name, matrix.administrator, id)
        assert answer.headers["cache-control"] == "no-store", answer.status_code
