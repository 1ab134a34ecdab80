"""The settings from outside: every one named, checked, and never printed."""

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from laminator.settings.environment import (
    BadEnvironment,
    Environment,
    given_variables,
    parse_environment,
    variable_names,
)

ROOT = Path(__file__).resolve().parents[3]
SECRET = "planted-secret-value"


def test_the_example_names_every_setting_with_its_default_and_no_other():
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = dict(
        match.groups() for line in lines if (match := re.fullmatch(r"#([A-Z_]+)=(.*)", line))
    )
    assert tuple(named) == variable_names()
    given = {name: value for name, value in named.items() if value}
    assert parse_environment(given) == parse_environment({})


def test_every_setting_is_described():
    assert [name for name, field in Environment.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DATABASE_URL", f"mysql://{SECRET}@db/x", "must start with postgresql://"),
        ("REDIS_URL", f"http://{SECRET}", "must start with redis://"),
        ("SOLANA_RPC_URLS", f"https://good.example, ftp://{SECRET}", "must start with http://"),
        ("SOLANA_WS_URL", f"https://{SECRET}", "must start with ws://"),
        ("TELEGRAM_BOT_TOKEN", SECRET, "must look like 123456:"),
        ("SECRET_KEY", SECRET, "must have 32 characters or more"),
        ("LAMINATOR_PORT", "0", "greater than or equal to 1"),
        ("LAMINATOR_PORT", "٨٠٠٠", "valid integer"),
        ("LAMINATOR_PORT", "65536", "less than or equal to 65535"),
        ("SANDBOX_PORT", "65532", "less than or equal to 65531"),
        ("DEBUG", "perhaps", "valid boolean"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO'"),
        ("SPONSOR_MIN_DEPOSIT", "NaN", "finite"),
        ("SPONSOR_DAILY_CAP_SOL", "-1", "greater than or equal to 0"),
        ("ALLOWED_HOSTS", " , ", "at least 1"),
        ("DEFAULT_DEPLOYMENT", "mars", "must be one of VENUE_DEPLOYMENTS"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_but_not_printed(name, value, complaint):
    with pytest.raises(BadEnvironment) as refused:
        parse_environment({name: value})
    (line,) = refused.value.problems
    assert name in line
    assert complaint in line
    assert SECRET not in line


def test_every_bad_value_has_a_line_of_its_own():
    with pytest.raises(BadEnvironment) as refused:
        parse_environment({"DEBUG": "perhaps", "LAMINATOR_PORT": "x", "LOG_LEVEL": "LOUD"})
    assert [line.split(":")[0] for line in refused.value.problems] == [
        "DEBUG",
        "LOG_LEVEL",
        "LAMINATOR_PORT",
    ]


def test_values_are_read_into_their_types():
    read = parse_environment(
        {
            "SOLANA_RPC_URLS": f"https://a.example/?key={SECRET}, https://b.example",
            "ALLOWED_HOSTS": "desk.example, other.example",
            "SPONSOR_MIN_DEPOSIT": " 12.5 ",
            "PUBLIC_URL": "https://desk.example/",
            "DEBUG": "yes",
        }
    )
    assert [url.get_secret_value() for url in read.solana_rpc_urls] == [
        f"https://a.example/?key={SECRET}",
        "https://b.example",
    ]
    assert read.allowed_hosts == ("desk.example", "other.example")
    assert read.sponsor_min_deposit == Decimal("12.5")
    assert read.public_url == "https://desk.example"
    assert read.debug is True
    assert SECRET not in repr(read)


def test_the_process_environment_goes_before_the_file(tmp_path, monkeypatch):
    file = tmp_path / "settings"
    file.write_text("LOG_LEVEL=DEBUG\nPUBLIC_URL=https://file.example\nPRIVY_APP_ID=\n")
    monkeypatch.setenv("LAMINATOR_ENV_FILE", str(file))
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    monkeypatch.delenv("PRIVY_APP_ID", raising=False)
    given = given_variables()
    assert given["LOG_LEVEL"] == "ERROR"
    assert given["PUBLIC_URL"] == "https://file.example"
    assert "PRIVY_APP_ID" not in given  # empty is not given


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("PRIVY_AP_SECRET", "; did you mean PRIVY_APP_SECRET?"),
        ("TELEGRAM_TOKEN", ""),
        ("SOLANA_RPC_URL", "; did you mean SOLANA_RPC_URLS?"),
        ("LAMINATOR_PROT", "; did you mean LAMINATOR_PORT?"),
    ],
)
def test_an_unknown_name_of_ours_is_refused_with_what_was_meant(monkeypatch, name, hint):
    monkeypatch.setenv(name, SECRET)
    with pytest.raises(BadEnvironment) as refused:
        given_variables()
    assert refused.value.problems[0].startswith(f"{name} is not a setting{hint}")
    assert SECRET not in str(refused.value)


def test_a_setting_may_stand_in_a_file_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMINATOR_ENV_FILE", os.devnull)
    (tmp_path / "token").write_text("42:from-a-file\n")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(tmp_path / "token"))
    assert given_variables()["TELEGRAM_BOT_TOKEN"] == "42:from-a-file"

    (tmp_path / "token").write_text("")
    assert "TELEGRAM_BOT_TOKEN" not in given_variables()


def test_a_setting_that_is_given_twice_or_whose_file_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMINATOR_ENV_FILE", os.devnull)
    (tmp_path / "token").write_text(SECRET)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", SECRET)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("PRIVY_APP_SECRET_FILE", str(tmp_path / "not there"))
    with pytest.raises(BadEnvironment) as refused:
        given_variables()
    twice, lacking = refused.value.problems
    assert twice.startswith("TELEGRAM_BOT_TOKEN: given twice")
    assert lacking.startswith("PRIVY_APP_SECRET_FILE:")
    assert "No such file" in lacking
    assert SECRET not in str(refused.value)


def test_any_unknown_name_in_the_file_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "settings"
    file.write_text(f"DATABSE_URL={SECRET}\nSOMETHING=1\n")
    monkeypatch.setenv("LAMINATOR_ENV_FILE", str(file))
    with pytest.raises(BadEnvironment) as refused:
        given_variables()
    assert refused.value.problems == (
        "settings: DATABSE_URL is not a setting; did you mean DATABASE_URL?",
        "settings: SOMETHING is not a setting",
    )


def test_a_process_with_bad_or_missing_settings_ends_with_code_78_and_no_traceback():
    code = (
        "from laminator.settings.environment import read_environment;"
        "read_environment().require('PRIVY_APP_ID', 'LOG_LEVEL')"
    )
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PRIVY_", "LAMINATOR_"))
    }
    for settings, line in (
        ({}, "PRIVY_APP_ID is missing: the Privy app's id"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: "),
    ):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=kept | {"LAMINATOR_ENV_FILE": os.devnull} | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 78
        assert line in ran.stderr
        assert "Traceback" not in ran.stderr
