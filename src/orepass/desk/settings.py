"""Settings of a desk, from the environment (``OREPASS_...``)."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from orepass.parties.datafolder import data_folder


class Settings(BaseSettings):
    """What an operator may set. ``docs/desk.md`` lists each; a test holds the two equal."""

    model_config = SettingsConfigDict(env_prefix="OREPASS_", extra="ignore")

    database: str = ""
    """Database URL, or the path of an SQLite file; ``desk.db`` in the data folder unless named."""
    key_file: Path | None = None
    """File of the signing key; ``desk.key`` in the data folder unless named."""
    token_hours: int = 12
    """How long a token of a login holds."""
    login_attempts: int = 5
    """So many wrong passwords for an account, or from an address, within ``login_minutes`` stop further tries."""
    login_minutes: int = 15
    """The span in which wrong passwords are counted."""
    rate_per_minute: int = 600
    """Requests a minute for an account, or for an address without one; 0 sets no limit."""
    upload_megabytes: int = 50
    """The largest table or paper that is taken."""
    table_megabytes: int = 1000
    """The most that a compressed table may hold when it is unpacked."""
    jobs_waiting: int = 5
    """So many tables of one organisation may wait to be screened."""
    job_hours: int = 24
    """How long the result of a screening is kept."""
    open_check: bool = False
    """Whether check, classify and the law answer without an account."""
    oidc_issuer: str = ""
    """Address of an OpenID Connect provider; empty: local accounts alone."""
    oidc_client: str = ""
    """Our client id at the provider."""
    oidc_secret: SecretStr = SecretStr("")
    """Our client secret at the provider."""
    oidc_redirect: str = ""
    """Our callback address as the provider knows it, ending in ``/api/oidc/callback``."""

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return self.database or f"sqlite:///{data_folder() / 'desk.db'}"

    @property
    def key_path(self) -> Path:
        """Where the signing key lies."""
        return self.key_file or data_folder() / "desk.key"

    @property
    def jobs_folder(self) -> Path:
        """Where uploaded tables and their answers lie."""
        return data_folder() / "jobs"
