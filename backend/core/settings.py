"""Every setting, typed, each with one sentence of help. Read from ``ONEMAP_*`` variables."""

from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What can be set from outside; `./onemap settings` prints this table."""

    model_config = SettingsConfigDict(env_prefix="ONEMAP_", frozen=True)

    database_url: str = Field(description="The database as the application's own role sees it.")
    owner_database_url: str = Field(
        default="",
        description="The same database as its owner, for migrations; empty: database_url.",
    )
    tiles_database_url: str = Field(
        default="",
        description="The same database as the read-only tile role; empty: the application's URL.",
    )
    redis_url: str = Field(
        description="Redis, which only wakes workers; it may be flushed at any time."
    )
    secret_key: SecretStr = Field(
        description="At least 32 random characters; signs sessions and wraps personal fields."
    )
    wal_archive: Path | None = Field(
        default=None,
        description="Folder to which the private PostgreSQL archives its log; none: it does not.",
    )
    media_dir: Path = Field(description="The folder of the photos; shared by every process.")
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        description="The address that people use; invitations and links begin with it.",
    )
    zone: str = Field(
        default="Asia/Shanghai",
        description="The zone of the city by its IANA name; days, numbers and months follow it.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses, with commas, whose X-Forwarded-For `up` believes; empty: nobody's.",
    )
    secure_cookies: bool = Field(
        default=False, description="Send cookies over HTTPS only; true wherever HTTPS is served."
    )
    access_minutes: int = Field(
        default=15, description="Minutes that an access token lives before it must be refreshed."
    )
    refresh_days: int = Field(
        default=30, description="Days that a phone may stay away and still be signed in."
    )
    revocation_s: int = Field(
        default=30,
        description="Seconds for which a session's validity is believed before it is asked again.",
    )
    hashing_threads: int = Field(
        default=2, description="Passwords that one process checks at once, each 64 MB and a core."
    )
    sign_in_tries_per_minute: int = Field(
        default=60, description="Passwords that one address may try a minute, over all accounts."
    )
    reveals_per_hour: int = Field(
        default=30, description="Reporters' contacts that one person may look at an hour."
    )
    reveals_per_day: int = Field(
        default=120, description="Reporters' contacts that one person may look at a day."
    )
    lookups_per_hour: int = Field(
        default=60, description="Telephone numbers that one person of a desk may look up an hour."
    )
    lookups_per_day: int = Field(
        default=300, description="Telephone numbers that one person of a desk may look up a day."
    )
    track_steps_per_hour: int = Field(
        default=30, description="Answers to questions that one address may send an hour."
    )
    photo_max_bytes: int = Field(
        default=20_000_000, description="Largest photo that is taken, in bytes."
    )
    photo_max_pixels: int = Field(
        default=50_000_000, description="Largest photo that is decoded, in pixels."
    )
    file_readers: int = Field(
        default=1, description="Processes apart in which one API process opens files from outside."
    )
    file_reader_memory_mb: int = Field(
        default=1500, description="Memory, in megabytes, that opening one file may take at most."
    )
    photos_per_event: int = Field(default=9, description="Most photos for one step of one event.")
    position_accuracy_m: float = Field(
        default=50.0,
        description="A position less accurate than this, in metres, asks for the pin to be moved.",
    )
    api_threads: int = Field(
        default=8,
        description="Requests that one API process works on at once; more only contend.",
    )
    fact_workers: int = Field(
        default=2, ge=1, description="Workers that hear facts: so many counties at once."
    )
    outbox_days: int = Field(
        default=30, ge=1, description="Days after which a fact that everybody has heard is removed."
    )
    contact_days: int = Field(
        default=180, ge=90, description="Days after its case has ended that a contact is forgotten."
    )
    message_days: int = Field(
        default=180, ge=30, description="Days after which sent messages are forgotten."
    )
    notice_days: int = Field(
        default=365, ge=90, description="Days after which notices in console and phone go."
    )
    camera_days: int = Field(
        default=90, ge=7, description="Days after which a photo's own place and time are forgotten."
    )
    session_days: int = Field(
        default=200, ge=180, description="Days after its end that a session leaves the list."
    )
    client_key_days: int = Field(
        default=400,
        ge=90,
        description="Days for which a repeated send of a phone meets its first answer.",
    )
    gateways_private: bool = Field(
        default=False,
        description="True: gateways may stand on private addresses, inside a city's own network.",
    )
    sms_gateway: str = Field(
        default="", description="Where SMS go: file:///path, or the http(s) address of a gateway."
    )
    wecom_gateway: str = Field(
        default="", description="Where WeCom messages go: file:///path, or an http(s) address."
    )
    mail_gateway: str = Field(
        default="",
        description="Where mail goes: file:///path, an http(s) address, or smtp://user:pass@host:port.",
    )
    mail_from: str = Field(
        default="onemap@localhost", description="The sender that mail to staff names."
    )
    phone_code_required: bool = Field(
        default=False,
        description="True: a stranger's telephone number counts only with a code sent to it.",
    )
    public_codes_per_hour: int = Field(
        default=6, description="Codes by SMS that one address or one number may ask for an hour."
    )
    gateway_token: SecretStr = Field(
        default=SecretStr(""), description="The bearer token that message gateways ask for."
    )
    quiet_from_hour: int = Field(
        default=21, description="From this hour on nobody is written to, but in emergencies."
    )
    quiet_until_hour: int = Field(default=8, description="The hour at which the quiet time ends.")
    public_reports_per_hour: int = Field(
        default=30, description="Reports without an account that one address may send an hour."
    )
    public_uploads_per_hour: int = Field(
        default=60, description="Photos without an account that one address may send an hour."
    )
    uploads_per_hour: int = Field(
        default=600, description="Photos and documents that one account may send an hour."
    )
    orphan_days: int = Field(
        default=30, description="Days after which an upload that no report has taken is removed."
    )
    public_orphan_hours: int = Field(
        default=24, description="The same for uploads without an account, in hours."
    )
    public_opens_per_hour: int = Field(
        default=120, description="Times an hour that one address may try a number and code."
    )
    public_looks_per_hour: int = Field(
        default=300,
        description="Times an hour that one address may ask what is known near a place, or where "
        "an address is.",
    )
    demo: bool = Field(
        default=False, description="True only in the embedded demo: shows who can sign in."
    )
    log_json: bool = Field(default=True, description="One JSON object a line instead of colours.")
    test_data: Path | None = Field(
        default=None, description="Folder of real data that the tests read; never shipped."
    )

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
            raise ValueError(f"{name!r} is no zone of the IANA list") from fault
        return name

    @property
    def owner_url(self) -> str:
        """The owner's address."""
        return self.owner_database_url or self.database_url

    @property
    def tiles_url(self) -> str:
        """The tile reader's address."""
        return self.tiles_database_url or self.database_url


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
