"""The declared layouts against the interface that the reference client ships."""

import json
import re
from pathlib import Path

import driftpy
import pytest

from drift.layouts.deployments import DEPLOYMENTS, DRIFT, DRIFT_2024_10, VELOCITY
from drift.layouts.drift_v2 import DRIFT_V2
from drift.layouts.schema import AccountSlot, Field, discriminator, fields, parse_type
from tests.drift.recordings import SCENARIOS, recorded_accounts

IDL = json.loads((Path(driftpy.__file__).parent / "idl" / "drift.json").read_text())


def snake(name):
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def type_of(kind):
    if isinstance(kind, str):
        return {"publicKey": "pubkey"}.get(kind, kind)
    [(word, inner)] = kind.items()
    if word == "array":
        return ("array", type_of(inner[0]), inner[1])
    return (word, inner if word == "defined" else type_of(inner))


def fields_of(declared):
    return tuple(Field(snake(field["name"]), type_of(field["type"])) for field in declared)


SHIPPED = {entry["name"]: entry["type"] for entry in IDL["types"] + IDL["accounts"]}


@pytest.mark.parametrize("name", [*DRIFT_V2.types, *DRIFT_V2.accounts])
def test_types_and_accounts_have_the_fields_of_the_shipped_interface(name):
    account = DRIFT_V2.accounts.get(name)
    declared = account.fields if account else DRIFT_V2.types[name]
    assert declared == fields_of(SHIPPED[name]["fields"])


@pytest.mark.parametrize("name", list(DRIFT_V2.enums))
def test_enums_have_the_variants_of_the_shipped_interface(name):
    variants = SHIPPED[name]["variants"]
    assert list(DRIFT_V2.enums[name]) == [variant["name"] for variant in variants]
    assert not any("fields" in variant for variant in variants)


@pytest.mark.parametrize("name", list(DRIFT_V2.instructions))
def test_instructions_take_what_the_shipped_interface_says(name):
    shipped = next(entry for entry in IDL["instructions"] if snake(entry["name"]) == name)
    declared = DRIFT_V2.instructions[name]
    assert declared.args == fields_of(shipped["args"])
    assert declared.accounts == tuple(
        AccountSlot(
            snake(slot["name"]), slot["isSigner"], slot["isMut"], slot.get("isOptional", False)
        )
        for slot in shipped["accounts"]
    )


@pytest.mark.parametrize("name", list(DRIFT_V2.events))
def test_events_have_the_fields_of_the_shipped_interface(name):
    shipped = next(entry for entry in IDL["events"] if entry["name"] == name)
    assert DRIFT_V2.events[name].fields == fields_of(shipped["fields"])


def test_errors_have_the_names_of_the_shipped_interface():
    shipped = {entry["code"]: entry["name"] for entry in IDL["errors"]}
    own = {code: name for code, name in DRIFT_V2.errors.items() if code >= 6000}
    assert len(own) > 100
    assert own == {code: shipped[code] for code in own}


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_accounts_have_the_declared_size_and_discriminator(name):
    for account in recorded_accounts(name):
        declared = DRIFT_2024_10.layout.accounts[account["kind"]]
        assert account["len"] == declared.size == DRIFT_V2.accounts[account["kind"]].size


def test_velocity_accounts_have_their_known_sizes():
    assert VELOCITY.account_sizes["User"] == 4496
    assert VELOCITY.account_sizes["UserStats"] == 240
    layout = VELOCITY.layout
    assert layout.fixed_size(("defined", "Order")) == 104
    assert layout.fixed_size(("defined", "PerpPosition")) == 80
    # Fields of eight bytes and more are aligned to eight; the paddings that do it are declared.
    for account in layout.accounts.values():
        offset = 0
        for field in account.fields:
            size = layout.fixed_size(field.type)
            if field.type in ("u64", "i64", "u128", "i128"):
                assert offset % 8 == 0, (account.name, field.name)
            offset += size
        assert account.size % 8 == 0


def test_deployments_differ_where_it_bites():
    assert list(DEPLOYMENTS) == ["velocity", "drift"]
    assert DRIFT.authority_signs_initialize
    assert not VELOCITY.authority_signs_initialize
    for deployment in DEPLOYMENTS.values():
        layout = deployment.layout
        authority = layout.instructions["initialize_user"].accounts[3]
        assert authority.name == "authority"
        assert authority.signer is deployment.authority_signs_initialize
        assert layout.instructions["withdraw"].accounts[5].name == deployment.signer_seed
    offset = {
        d.key: {f.name: f.type for f in d.layout.types["OrderParams"]}["oracle_price_offset"]
        for d in DEPLOYMENTS.values()
    }
    assert offset == {"drift": ("option", "i32"), "velocity": ("option", "i64")}
    assert DRIFT.layout.enums["MarketStatus"][2:4] == ("FundingPaused", "AmmPaused")
    assert VELOCITY.layout.enums["MarketStatus"][2:4] == ("ReduceOnly", "Settlement")


def test_the_notation_reads_every_kind_of_type():
    assert fields("a:u8 b:?i64 c:*[u8;4] d:?Order") == (
        Field("a", "u8"),
        Field("b", ("option", "i64")),
        Field("c", ("vec", ("array", "u8", 4))),
        Field("d", ("option", ("defined", "Order"))),
    )
    with pytest.raises(ValueError, match="unknown type 'u7'"):
        parse_type("u7")


def test_discriminators_are_the_known_ones():
    assert discriminator("account", "User").hex() == "9f755fe3ef973aec"
    assert DRIFT_V2.instructions["deposit"].discriminator.hex() == "f223c68952e1f2b6"
    with pytest.raises(TypeError, match="no fixed size"):
        DRIFT_V2.fixed_size(("option", "u8"))
