"""The policies that bind the desk's signers, as the custodian wants them written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

COMPUTE_BUDGET_PROGRAM = "ComputeBudget111111111111111111111111111111"
ASSOCIATED_TOKEN_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105
MEMO_PROGRAM = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
# Programs that can move nothing by themselves; the memo carries the submission's id.
HARMLESS_PROGRAMS = (COMPUTE_BUDGET_PROGRAM, ASSOCIATED_TOKEN_PROGRAM, MEMO_PROGRAM)
TRANSACTION_METHOD = "signTransaction"
EXPORT_METHODS = ("exportPrivateKey", "exportSeedPhrase")

Policy = dict[str, Any]
Rule = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTerms:
    """What the policies are written for; addresses are base58."""

    venue_programs: tuple[str, ...]
    quote_mints: tuple[str, ...]
    # What a sponsored first deposit leaves in the trader's wallet, and the most it costs them.
    float_lamports: int
    largest_quote_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTerms:
    """Where the fee for what the sponsor paid may go, and how much of it in one transfer."""

    sponsor: str
    sponsor_token_accounts: tuple[str, ...]
    largest_lamports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccounts:
    """One wallet's address, and that of its own account of wrapped SOL."""

    wallet: str
    wrapped_sol: str


def trading_policy(terms: PolicyTerms, fees: FeeTerms, own: OwnAccounts | None) -> Policy:
    """A trader's wallet in the hand of the trading signer: the venue, and the sponsor's fee.

    Each wallet has one of its own, since `own` is what it may wrap SOL into; without, as before
    the wallet's address is known, it wraps none. The venue's own withdraw is behind the same
    program id; the desk's decode-and-check refuses it before this policy is asked.
    """
    return _policy(
        "Desk trading signer",
        [
            _programs_rule(terms),
            _allow(
                "Fee to the sponsor in SOL",
                _system("Transfer.to", "in", [fees.sponsor]),
                _system("Transfer.lamports", "lte", str(fees.largest_lamports)),
            ),
            _allow(
                "Fee to the sponsor in quote",
                _token("TransferChecked.destination", "in", list(fees.sponsor_token_accounts)),
                _token("TransferChecked.mint", "in", list(terms.quote_mints)),
                _token("TransferChecked.amount", "lte", str(terms.largest_quote_units)),
            ),
            # The custodian judges every instruction of a message, also those that others sign.
            _allow(
                "Float from the sponsor",
                _system("Transfer.from", "in", [fees.sponsor]),
                _system("Transfer.lamports", "lte", str(terms.float_lamports)),
            ),
            *(own_account_rules(own) if own else ()),
        ],
    )


def own_account_rules(own: OwnAccounts) -> tuple[Rule, ...]:
    """SOL into the wallet's own account of wrapped SOL, and all of that account back to it.

    No rule can name the instruction that counts lamports as tokens: wrapping makes the account
    anew in place of it, and what makes accounts moves nothing.
    """
    return (
        _allow(
            "SOL into the own wrapped account",
            _system("Transfer.from", "eq", own.wallet),
            _system("Transfer.to", "eq", own.wrapped_sol),
        ),
        _allow(
            "The own wrapped account back into SOL",
            _token("CloseAccount.account", "eq", own.wrapped_sol),
            _token("CloseAccount.destination", "eq", own.wallet),
        ),
    )


def sponsor_policy(terms: PolicyTerms) -> Policy:
    """The sponsor's wallet in the hand of the trading signer: fees, rent, and a small float.

    The token rule is for what it is paid back, in the trader's own instruction; the wallet's
    address, which could pin it further, is not known when the policy is made.
    """
    return _policy(
        "Desk sponsor",
        [
            _programs_rule(terms),
            _allow("Float", _system("Transfer.lamports", "lte", str(terms.float_lamports))),
            _allow(
                "Fee from a trader in quote",
                _token("TransferChecked.mint", "in", list(terms.quote_mints)),
                _token("TransferChecked.amount", "lte", str(terms.largest_quote_units)),
            ),
        ],
    )


def withdrawal_policy(terms: PolicyTerms) -> Policy:
    """A trader's wallet in the hand of the withdraw signer: SOL and tokens may leave it.

    Where to is the address book's affair: it differs by user, and a policy is shared by all.
    No mint is named: what came by mistake goes back to its sender, whatever token it is.
    """
    return _policy(
        "Desk withdraw signer",
        [
            _programs_rule(terms),
            _allow("SOL leaves", _system("instructionName", "eq", "Transfer")),
            _allow("Tokens leave", _token("instructionName", "eq", "TransferChecked")),
        ],
    )


def _programs_rule(terms: PolicyTerms) -> Rule:
    programs = [*HARMLESS_PROGRAMS, *sorted(terms.venue_programs)]
    return _allow(
        "Venue and harmless programs",
        _condition("solana_program_instruction", "programId", "in", programs),
    )


def _policy(name: str, rules: Sequence[Rule]) -> Policy:
    denials = [
        {"name": f"Never {method}", "method": method, "action": "DENY", "conditions": []}
        for method in EXPORT_METHODS
    ]
    return {
        "version": "1.0",
        "name": name,
        "chain_type": "solana",
        "rules": [*rules, *denials],
    }


def _allow(name: str, *conditions: dict[str, Any]) -> Rule:
    return {
        "name": name,
        "method": TRANSACTION_METHOD,
        "action": "ALLOW",
        "conditions": list(conditions),
    }


def _condition(source: str, field: str, operator: str, value: str | list[str]) -> dict[str, Any]:
    return {"field_source": source, "field": field, "operator": operator, "value": value}


def _system(field: str, operator: str, value: str | list[str]) -> dict[str, Any]:
    return _condition("solana_system_program_instruction", field, operator, value)


def _token(field: str, operator: str, value: str | list[str]) -> dict[str, Any]:
    return _condition("solana_token_program_instruction", field, operator, value)
