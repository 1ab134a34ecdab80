"""Policies: what may be written into one, and what one allows to be signed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.privy.errors import invalid_data, policy_violation
from sandbox.privy.solana import IN_LOOKUP_TABLE, SYSTEM_PROGRAM, TOKEN_PROGRAMS, Instruction
from sandbox.privy.store import Record

METHODS = (
    "signTransaction",
    "signAndSendTransaction",
    "signMessage",
    "exportPrivateKey",
    "exportSeedPhrase",
    "*",
)
OPERATORS = ("eq", "gt", "gte", "lt", "lte", "in", "contains", "starts_with", "ends_with")
NUMERIC_OPERATORS = ("gt", "gte", "lt", "lte")
PROGRAM, SYSTEM, TOKEN, CLOCK = (
    "solana_program_instruction",
    "solana_system_program_instruction",
    "solana_token_program_instruction",
    "system",
)
FIELDS: dict[str, frozenset[str]] = {
    PROGRAM: frozenset({"programId"}),
    SYSTEM: frozenset({"instructionName", "Transfer.from", "Transfer.to", "Transfer.lamports"}),
    TOKEN: frozenset(
        {
            "instructionName",
            *(f"Transfer.{part}" for part in ("source", "destination", "authority", "amount")),
            *(
                f"TransferChecked.{part}"
                for part in ("source", "destination", "authority", "amount", "mint")
            ),
            *(f"Burn.{part}" for part in ("account", "mint", "authority", "amount")),
            *(f"MintTo.{part}" for part in ("account", "mint", "authority", "amount")),
            *(f"CloseAccount.{part}" for part in ("account", "destination", "authority")),
            *(f"InitializeAccount3.{part}" for part in ("account", "mint", "owner")),
        }
    ),
    CLOCK: frozenset({"current_unix_timestamp"}),
}
LONGEST_NAME = 50


def checked_rules(rules: Any) -> list[Record]:
    """The rules of a policy body in the documented shape; raises for any other."""
    if not isinstance(rules, list):
        raise invalid_data("`rules` must be a list")
    return [_checked_rule(rule) for rule in rules]


def checked_name(name: Any, what: str) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
        raise invalid_data(f"{what}: a name has 1 to {LONGEST_NAME} characters")
    return name


def _checked_rule(rule: Any) -> Record:
    if not isinstance(rule, dict) or set(rule) - {"id"} != {
        "name",
        "method",
        "action",
        "conditions",
    }:
        raise invalid_data("A rule has exactly name, method, action and conditions")
    checked_name(rule["name"], "rule")
    if rule["method"] not in METHODS:
        raise invalid_data(f"Rule method {rule['method']!r} is not one of Solana's")
    if rule["action"] not in ("ALLOW", "DENY"):
        raise invalid_data("A rule's action is ALLOW or DENY")
    if not isinstance(rule["conditions"], list):
        raise invalid_data("A rule's conditions are a list")
    for condition in rule["conditions"]:
        _check_condition(condition)
    return {key: rule[key] for key in ("name", "method", "action", "conditions")}


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, dict) or set(condition) != {
        "field_source",
        "field",
        "operator",
        "value",
    }:
        raise invalid_data("A condition has exactly field_source, field, operator and value")
    source, field = condition["field_source"], condition["field"]
    if source not in FIELDS:
        raise invalid_data(f"The stand-in does not emulate the field source {source!r}")
    if field not in FIELDS[source]:
        raise invalid_data(f"{source} has no field {field!r}")
    operator, value = condition["operator"], condition["value"]
    if operator not in OPERATORS:
        raise invalid_data(f"The stand-in does not emulate the operator {operator!r}")
    if operator == "in":
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid_data("`in` takes a list of strings")
    elif not isinstance(value, str):
        raise invalid_data(f"`{operator}` takes a string; numbers are strings too")
    elif operator in NUMERIC_OPERATORS and not value.isdecimal():
        raise invalid_data(f"`{operator}` takes a decimal number in a string")


def require_allowed(
    policies: Iterable[Record],
    *,
    method: str,
    instructions: Iterable[Instruction],
    now: int,
) -> None:
    """Raise policy_violation unless every policy allows every instruction.

    A method without instructions (signMessage, an export) is judged once, as a whole. A DENY rule
    beats any ALLOW; what no rule speaks of is denied.
    """
    judged = list(instructions) or [Instruction("", None, {})]
    for policy in policies:
        rules = [rule for rule in policy["rules"] if rule["method"] in (method, "*")]
        for instruction in judged:
            actions = {
                rule["action"]
                for rule in rules
                if all(_holds(each, instruction, now) for each in rule["conditions"])
            }
            if actions != {"ALLOW"}:
                raise policy_violation()


def _holds(condition: Mapping[str, Any], instruction: Instruction, now: int) -> bool:
    source, field = condition["field_source"], condition["field"]
    if source == CLOCK:
        return _compare(now, condition["operator"], condition["value"])
    if source == PROGRAM:
        return bool(instruction.program_id) and _compare(
            instruction.program_id, condition["operator"], condition["value"]
        )
    if not _is_of(source, instruction):
        return False
    if field == "instructionName":
        return instruction.name is not None and _compare(
            instruction.name, condition["operator"], condition["value"]
        )
    if field not in instruction.fields:
        return False
    found = instruction.fields[field]
    if found is IN_LOOKUP_TABLE:
        # Privy does not resolve lookup tables: what must read one fails the whole request.
        raise policy_violation()
    return _compare(found, condition["operator"], condition["value"])


def _is_of(source: str, instruction: Instruction) -> bool:
    if source == SYSTEM:
        return instruction.program_id == SYSTEM_PROGRAM
    return instruction.program_id in TOKEN_PROGRAMS


def _compare(found: str | int, operator: str, value: Any) -> bool:
    text = str(found)
    match operator:
        case "in":
            return text in value
        case "eq":
            return bool(text == value)
        case "contains":
            return value in text
        case "starts_with":
            return text.startswith(value)
        case "ends_with":
            return text.endswith(value)
    if not isinstance(found, int):
        return False
    bound = int(value)
    match operator:
        case "gt":
            return found > bound
        case "gte":
            return found >= bound
        case "lt":
            return found < bound
        case _:
            return found <= bound
