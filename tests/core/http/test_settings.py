"""Settings that are more than a number or a word, and how an operator is told of a bad one."""

import subprocess

import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.http.rates import Rates
from tests.service import COMMAND, environment

PORTAL = "https://portal.example"
LOCAL = "http://localhost:5173"


@pytest.mark.parametrize(
    "rate", ["", "many", "30", "0/minute", "30/fortnight", "-1/minute", "1/second;30/minute"]
)
def test_a_rate_that_cannot_be_is_refused(rate: str):
    for setting in ("sign_in_rate", "token_rate", "search_rate"):
        with pytest.raises(ValidationError, match="30/minute") as refusal:
            Settings(**{setting: rate})
        assert [error["loc"] for error in refusal.value.errors()] == [(setting,)]


@pytest.mark.parametrize("rate", ["30/minute", "2/second", "5 per 15 minutes", "1000/day"])
def test_a_rate_is_written_in_words_or_short(rate: str):
    Rates(Settings(sign_in_rate=rate))


@pytest.mark.parametrize(
    "url", ["memory://", "localhost:6379", "redis://", "redis://a:b", "redis://[x", "http://a"]
)
def test_a_store_that_is_none_is_refused(url: str):
    with pytest.raises(ValidationError, match="redis://host:6379/0"):
        Settings(rate_limit_storage=url)


def test_what_is_wrong_with_a_store_is_told_without_its_password():
    with pytest.raises(ValidationError) as refusal:
        Settings(rate_limit_storage="redis://:hunter2@host:port/0")
    assert "hunter2" not in "".join(error["msg"] for error in refusal.value.errors())


@pytest.mark.parametrize("scheme", ["redis", "rediss", "valkey", "valkeys"])
async def test_a_store_may_be_any_that_speaks_the_protocol(scheme: str):
    made = Rates(Settings(rate_limit_storage=f"{scheme}://:p%40ss@store.example:6380/2"))
    await made.close()


def test_an_operator_is_told_in_a_sentence_what_is_wrong():
    wrong = {
        "BANGGIAO_SEARCH_RATE": "often",
        "BANGGIAO_RATE_LIMIT_STORAGE": "redis:hunter2@store",
        "BANGGIAO_CORS_ORIGINS": "*",
    }
    done = subprocess.run(
        [COMMAND, "doctor"],
        env=environment(**wrong),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert all(f"{name} in the environment: " in done.stderr for name in wrong), done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "portal.example",
        "https://*.example",
        "https://portal.example/",
        "https://portal.example/app",
        "https://portal.example?",
        "https://somebody@portal.example",
        "https://Portal.example",
        "https://portal.example:443",
        "http://portal.example:80",
        "https://portal.example:",
        "ftp://portal.example",
        "https://bồi-dưỡng.example",
    ],
)
def test_what_is_no_exact_origin_is_refused(origin: str):
    with pytest.raises(ValidationError, match="exact origin") as refusal:
        Settings(cors_origins=[PORTAL, origin])
    assert [error["loc"] for error in refusal.value.errors()] == [("cors_origins",)]


@pytest.mark.parametrize(
    ("written", "origins"),
    [
        ("", []),
        (PORTAL, [PORTAL]),
        (f"{PORTAL},{LOCAL}", [PORTAL, LOCAL]),
        (f" {PORTAL}, http://[::1]:8080 ", [PORTAL, "http://[::1]:8080"]),
    ],
)
def test_origins_are_written_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, written: str, origins: list[str]
):
    monkeypatch.setenv("BANGGIAO_CORS_ORIGINS", written)
    assert Settings().cors_origins == origins
