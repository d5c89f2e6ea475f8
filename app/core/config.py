"""Settings, read once from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.issuers import IssuerSettings, read_issuers
from app.core.setting_types import (
    FilesLocation,
    MailServer,
    Networks,
    Origins,
    Rate,
    Scanner,
    SharedStore,
)


def revealed(secret: SecretStr | None) -> str | None:
    """The secret itself, where one is set."""
    return None if secret is None else secret.get_secret_value()


class Settings(BaseSettings):
    """What differs between installations; without any of it, the service runs by itself.

    In the environment, every name but the customary ones begins BANGGIAO_.
    """

    model_config = SettingsConfigDict(env_prefix="BANGGIAO_", frozen=True, populate_by_name=True)

    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    """The service's own login on your server; without it, an embedded PostgreSQL is started."""
    database_owner_url: SecretStr | None = Field(None, validation_alias="DATABASE_OWNER_URL")
    """Only `banggiao migrate` uses it: a user who may create roles, and tables in the database."""
    database_replica_url: SecretStr | None = Field(None, validation_alias="DATABASE_REPLICA_URL")
    """Reads go there when it is given; they may be as late as the replica is."""
    data_directory: Path = Path(".banggiao")
    """Where the embedded PostgreSQL and generated secrets live."""

    host: str = "127.0.0.1"
    port: int = Field(8000, validation_alias="PORT")
    public_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/"))] = (
        "http://127.0.0.1:8000"
    )
    """The issuer of tokens, and the audience they are for (RFC 9068). Whatever the port, so that
    every process of an installation says the same."""

    secret_key: SecretStr | None = Field(None, min_length=32)
    """Protects signing keys at rest and hashes national ids. Losing it loses both."""
    access_token_lifetime: timedelta = timedelta(minutes=10)
    sign_in_lifetime: timedelta = timedelta(days=30)
    """After which people sign in again, however often they were here."""
    sign_in_idle: timedelta = timedelta(days=7)
    """After which people who were not here sign in again."""
    second_factor_required: bool = False
    """Whether who works for the Academy must show a code of their authenticator too."""

    smtp_url: MailServer = None
    """Where mail is handed in: smtp://user:password@host:587, or smtps:// where TLS comes first."""
    mail_from: str = "banggiao@localhost"
    issuers: Annotated[tuple[IssuerSettings, ...], NoDecode, BeforeValidator(read_issuers)] = Field(
        (), validation_alias="BANGGIAO_ISSUERS_FILE"
    )
    """Outside identity providers whose tokens are accepted too; the variable names a TOML file."""

    connections: int = Field(8, ge=1, le=100)
    """At most so many to read and as many to write, for each process."""
    connection_wait: float = Field(2.0, gt=0)
    """Seconds a request waits for a connection before it is told to come back (503)."""
    statement_timeout: float = Field(15.0, gt=0)
    """Seconds after which PostgreSQL gives a statement up."""

    rate_limit_storage: SharedStore = None
    """A Redis or Valkey in which several processes count together; without it, each for itself."""
    sign_in_rate: Rate = "30/minute"
    """Attempts to sign in from one address."""
    token_rate: Rate = "300/minute"  # noqa: S105 -- a rate
    """Requests to the token endpoint from one address."""
    search_rate: Rate = "120/minute"
    """Searches of one person or program."""
    export_rate: Rate = "20/minute"
    """Files that one person or program takes out."""
    cors_origins: Origins = []
    """Where browsers may call the API from, beside the service's own address."""

    events_kept: timedelta = timedelta(days=90)
    """How far back the feed of changes goes."""
    webhook_networks: Networks = ()
    """Where webhooks may be beside public addresses, and without TLS: of intranets."""
    webhook_patience: timedelta = timedelta(days=5)
    """After which a webhook that takes nothing is disabled."""
    webhook_deliveries_kept: timedelta = timedelta(days=30)
    """How long it is known what was delivered, and how."""

    worker: bool = True
    """Whether `serve` does the service's own work too; turn it off beside `banggiao worker`."""
    largest_body: int = Field(1024 * 1024, ge=1024)
    """Bytes."""
    largest_upload: int = Field(64 * 1024 * 1024, ge=1024)
    """Bytes of a roster."""
    materials_url: FilesLocation = None
    """Where files of materials are kept: file:///folder, or s3://bucket/prefix; a folder of the
    data directory when nothing is said."""
    largest_material: int = Field(256 * 1024 * 1024, ge=1024)
    """Bytes of a file of a material."""
    clamd_url: Scanner = None
    """An antivirus that speaks ClamAV's protocol: tcp://host:3310 or unix:///run/clamd.sock.
    Without one nothing is scanned."""
    removal_threshold: float = Field(10.0, ge=0, le=100)
    """A file that lacks a larger share of a roster than this, in percent, waits for a person's
    approval; an organisation may say another for each of its data sets."""
    roster_changes_kept: timedelta = timedelta(days=90)
    """How long what a file changed of each person is kept, to be looked at and undone."""
    job_timeout: float = Field(600.0, gt=0)
    """Seconds after which PostgreSQL gives up a statement of the worker's."""
    graceful_seconds: int = 30
    """How long requests under way may take to finish once the service is told to stop."""

    @field_validator("issuers")
    @classmethod
    def _issuers_differ(
        cls, issuers: tuple[IssuerSettings, ...], others: ValidationInfo
    ) -> tuple[IssuerSettings, ...]:
        names = [others.data.get("public_url"), *(one.issuer for one in issuers)]
        if len(set(names)) != len(names):
            raise ValueError("two issuers are one, or one is this service itself")
        return issuers
