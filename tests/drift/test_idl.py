"""The gate at start: a program's published interface against the layout we hold of it."""

import copy

import pytest

from drift.idl import UnreadableIdl, incompatibilities
from drift.instructions import BUILT_INSTRUCTIONS, InstructionBuilder
from drift.layouts.deployments import DRIFT, VELOCITY


def as_published(kind):
    if isinstance(kind, str):
        return kind
    if len(kind) == 3:
        return {"array": [as_published(kind[1]), kind[2]]}
    if kind[0] == "defined":
        return {"defined": {"name": kind[1]}}
    return {kind[0]: as_published(kind[1])}


def struct(name, fields, in_c_order=False):
    declared = [{"name": f.name, "type": as_published(f.type)} for f in fields]
    entry = {"name": name, "type": {"kind": "struct", "fields": declared}}
    return entry | ({"repr": {"kind": "c"}} if in_c_order else {})


def published(deployment):
    """A document as a program of exactly our layout would publish it."""
    layout = deployment.layout
    types = [struct(name, fields) for name, fields in layout.types.items()]
    for name, account in layout.accounts.items():
        # C order leaves these gaps by itself; a program declares no names for them.
        own = [f for f in account.fields if f.name not in ("align_padding", "tail_padding")]
        types.append(struct(name, own, in_c_order=deployment is VELOCITY))
    for name, variants in layout.enums.items():
        body = {"kind": "enum", "variants": [{"name": variant} for variant in variants]}
        types.append({"name": name, "type": body})
    types += [struct(name, event.fields) for name, event in layout.events.items()]
    return {
        "address": deployment.program_id,
        "metadata": {"name": deployment.key, "spec": "0.1.0"},
        "instructions": [
            {
                "name": name,
                "discriminator": list(entry.discriminator),
                "args": [{"name": f.name, "type": as_published(f.type)} for f in entry.args],
                "accounts": [
                    {"name": s.name}
                    | ({"signer": True} if s.signer else {})
                    | ({"writable": True} if s.writable else {})
                    for s in entry.accounts
                ],
            }
            for name, entry in layout.instructions.items()
        ],
        "accounts": [
            {"name": name, "discriminator": list(account.discriminator)}
            for name, account in layout.accounts.items()
        ],
        "events": [
            {"name": name, "discriminator": list(event.discriminator)}
            for name, event in layout.events.items()
        ],
        "types": types,
    }


def differences(idl, deployment=VELOCITY):
    return incompatibilities(
        idl,
        deployment.layout,
        program_id=deployment.program_id,
        instructions=BUILT_INSTRUCTIONS,
    )


@pytest.fixture(scope="module")
def whole():
    return published(VELOCITY)


@pytest.fixture
def idl(whole):
    return copy.deepcopy(whole)


def named(entries, name):
    return next(entry for entry in entries if entry["name"] == name)


def fields_of(idl, name):
    return named(idl["types"], name)["type"]["fields"]


@pytest.mark.parametrize("deployment", [VELOCITY, DRIFT])
def test_the_interface_we_declare_is_compatible_with_itself(deployment):
    assert differences(published(deployment), deployment) == []


def test_spelling_and_instructions_we_never_send_do_not_matter(idl):
    named(idl["instructions"], "initialize_user")["args"][0]["name"] = "_sub_account_id"
    fields_of(idl, "HistoricalOracleData")[4]["name"] = "last_oracle_price_twap_5min"
    idl["instructions"].remove(named(idl["instructions"], "fill_perp_order"))
    assert differences(idl) == []


def test_growth_at_the_end_is_compatible(idl):
    fields_of(idl, "User")[-1]["type"] = {"array": ["u8", 6]}
    fields_of(idl, "User").append({"name": "equity_floor", "type": "u64"})
    fields_of(idl, "DepositRecord").append({"name": "more", "type": "u8"})
    named(idl["types"], "OrderType")["type"]["variants"].append({"name": "Twap"})
    assert differences(idl) == []


def drop_instruction(idl):
    idl["instructions"].remove(named(idl["instructions"], "place_perp_order"))


def another_discriminator(idl):
    named(idl["instructions"], "deposit")["discriminator"][0] ^= 1


def one_more_argument(idl):
    named(idl["instructions"], "withdraw")["args"].append({"name": "x", "type": "u8"})


def one_more_account(idl):
    named(idl["instructions"], "settle_pnl")["accounts"].append({"name": "clob"})


def an_account_that_must_sign(idl):
    named(idl["instructions"], "initialize_user")["accounts"][3]["signer"] = True


def another_order_field(idl):
    fields_of(idl, "OrderParams").append({"name": "x", "type": {"option": "u8"}})


def a_narrower_field(idl):
    named(idl["types"], "ModifyOrderParams")["type"]["fields"][9]["type"] = {"option": "i32"}


def a_field_before_the_others(idl):
    fields_of(idl, "PerpMarket").insert(0, {"name": "clob", "type": "pubkey"})


def another_order_of_variants(idl):
    named(idl["types"], "MarketStatus")["type"]["variants"].reverse()


def a_shorter_event(idl):
    fields_of(idl, "OrderActionRecord").pop()


def another_program(idl):
    idl["address"] = DRIFT.program_id


def a_missing_account(idl):
    idl["accounts"].remove(named(idl["accounts"], "User"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (drop_instruction, "instruction place_perp_order: gone"),
        (another_discriminator, "instruction deposit: discriminator"),
        (one_more_argument, "instruction withdraw: arguments"),
        (one_more_account, "instruction settle_pnl: accounts"),
        (an_account_that_must_sign, "instruction initialize_user: accounts"),
        (another_order_field, "type OrderParams: fields"),
        (a_narrower_field, "type ModifyOrderParams: fields"),
        (a_field_before_the_others, "account PerpMarket: pubkey"),
        (another_order_of_variants, "enum MarketStatus: variants"),
        (a_shorter_event, "event OrderActionRecord: fields"),
        (another_program, f"address is {DRIFT.program_id}"),
        (a_missing_account, "account User: gone or another discriminator"),
    ],
)
def test_every_change_that_moves_a_byte_is_named(idl, change, expected):
    change(idl)
    assert expected in differences(idl)


def test_offsets_follow_alignment_and_not_names_alone(idl):
    """Without its gap before an eight-byte field the account would be read one byte off."""
    named(idl["types"], "UserStats")["repr"] = {"kind": "rust"}
    assert "account UserStats: if_staked_gov_token_amount" in differences(idl)


@pytest.mark.parametrize(
    "document",
    [{}, {"address": VELOCITY.program_id}, {"version": "2.84.0", "name": "drift"}, []],
)
def test_a_document_of_another_kind_is_unreadable(document):
    with pytest.raises(UnreadableIdl):
        differences(document)


def test_what_is_compared_is_all_that_is_built():
    public = {name for name in vars(InstructionBuilder) if not name.startswith("_")}
    assert public == set(BUILT_INSTRUCTIONS)
