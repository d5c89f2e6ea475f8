"""How an operator describes outside issuers, and what the doctor says of them."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from app.access.permissions import Role
from app.core.config import Settings
from app.core.database.serving import Urls
from app.core.issuers import OutsideRole
from app.doctor import findings
from tests.access.outside_issuer import OutsideIssuer


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "issuers.toml"
    monkeypatch.setenv("BANGGIAO_ISSUERS_FILE", str(file))
    return file


def described(**others: Any) -> str:
    said = {"issuer": "https://sso.example/realms/mofa", "audience": "banggiao"}
    said |= {"role_claim": "roles", "organization_claim": "organization"} | others
    tables = {"roles": {"a": "viewer"}, "organizations": {"b": "HN"}}
    tables |= {name: said.pop(name) for name in tables if name in said}
    lines = ["[[issuers]]", *(f"{name} = {json.dumps(value)}" for name, value in said.items())]
    for table, values in tables.items():
        lines += [f"[issuers.{table}]", *(f'"{k}" = {json.dumps(v)}' for k, v in values.items())]
    return "\n".join(lines) + "\n"


def test_issuers_are_read_from_the_file_that_the_environment_names(file: Path):
    file.write_text(described(roles={"Cán bộ": "coordinator"}), "utf-8")
    (issuer,) = Settings().issuers
    assert issuer.roles == {"Cán bộ": "coordinator"}
    assert issuer.organizations == {"b": "HN"}
    assert issuer.jwks_uri is None
    assert issuer.algorithms == ("RS256", "ES256")


SETTINGS = {
    "a learner needs a record": described(roles={"a": "learner"}),
    "a program is no person": described(roles={"a": "client"}),
    "a role is one of ours": described(roles={"a": "boss"}),
    "there is a role": described(roles={}),
    "there is an organisation": described(organizations={}),
    "no secret is shared": described(algorithms=["HS256"]),
    "a signature is needed": described(algorithms=["none"]),
    "an algorithm is needed": described(algorithms=[]),
    "what is read on the way is not believed": described(issuer="http://sso.example"),
    "nor where its keys are": described(jwks_uri="http://sso.example/keys"),
    "nor what only looks like this host": described(issuer="http://127.0.0.1.example"),
    "an issuer has a host": described(issuer="https://"),
    "an issuer has no password": described(issuer="https://a:b@sso.example"),
    "nothing is misspelt": described(rolls=["x"]),
    "an issuer is said once": described() * 2,
    "an issuer is not this service": described(issuer="http://127.0.0.1:8000"),
    "the file is TOML": "issuers: []",
    "the file is about issuers": "port = 1",
}


@pytest.mark.parametrize("written", SETTINGS.values(), ids=SETTINGS)
def test_settings_are_refused_because(file: Path, written: str):
    file.write_text(written, "utf-8")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert {error["loc"][0] for error in caught.value.errors()} == {"BANGGIAO_ISSUERS_FILE"}


def test_a_file_that_is_not_there_is_no_empty_file(file: Path):
    with pytest.raises(FileNotFoundError):
        Settings()


def test_every_role_but_a_learners_and_a_programs_may_be_granted():
    assert set(get_args(OutsideRole)) == set(Role) - {Role.LEARNER, Role.CLIENT}


async def test_the_doctor_looks_whether_the_keys_can_be_read(
    app: FastAPI, urls: Urls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    async with OutsideIssuer() as well, OutsideIssuer() as away, OutsideIssuer() as empty:
        away.status = 500
        empty.publishes([])
        issuers = (well, away, empty)
        written = "".join(described(issuer=one.url) for one in issuers)
        monkeypatch.setenv("BANGGIAO_ISSUERS_FILE", _file(tmp_path, written))
        found = {one.what: one for one in await findings(urls)}
    names = [f"keys of {one.url}" for one in issuers]
    assert [found[name].well for name in names] == [True, False, False]
    assert found[names[1]].detail == "cannot be read: status 500"


def _file(directory: Path, written: str) -> str:
    (directory / "issuers.toml").write_text(written, "utf-8")
    return str(directory / "issuers.toml")
