"""One transfer out of a wallet: its instructions, and apart from them what they may be. Pure."""

import struct
from dataclasses import dataclass
from decimal import Decimal

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from chain.messages import COMPUTE_BUDGET_PROGRAM, MEMO_PROGRAM, AllowedInstruction
from core.errors import Refused

SYSTEM_PROGRAM = "11111111111111111111111111111111"
TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105
TOKEN_2022_PROGRAM = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105
TOKEN_PROGRAMS = (TOKEN_PROGRAM, TOKEN_2022_PROGRAM)
ATA_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"
_CREATE_IDEMPOTENT = b"\x01"
_TRANSFER_CHECKED = 12
_SOL_TRANSFER = 2
_SOL_DECIMALS = 9
_MINT_SIZE = 82
_ACCOUNT_TYPE = 165
# Extensions that say something of a token and change nothing about its transfer: where its
# metadata is, and the metadata itself, and the same of groups.
_HARMLESS_EXTENSIONS = frozenset({18, 19, 20, 21, 22, 23})


@dataclass(frozen=True, slots=True)
class MintFacts:
    """What a transfer must know of a token."""

    address: str
    program: str
    decimals: int


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """The instructions of a transfer, and what each of them must be to the byte."""

    instructions: tuple[Instruction, ...]
    allowed: tuple[AllowedInstruction, ...]


@dataclass(frozen=True, slots=True)
class SentTransfer:
    """What a message of ours moved out of a wallet; an empty mint is SOL."""

    mint: str
    amount: Decimal
    to: str


def read_sent(raw: bytes) -> SentTransfer | None:
    """The transfer of a message as it is planned below; None for a message of any other make."""
    message = VersionedTransaction.from_bytes(raw).message
    keys = [str(key) for key in message.account_keys]
    acts = [
        (keys[each.program_id_index], bytes(each.data), [keys[at] for at in bytes(each.accounts)])
        for each in message.instructions
    ]
    acts = [each for each in acts if each[0] not in (COMPUTE_BUDGET_PROGRAM, MEMO_PROGRAM)]
    match acts:
        case [(program, data, [_, to])] if program == SYSTEM_PROGRAM and len(data) == 12:
            kind, lamports = struct.unpack("<IQ", data)
            is_transfer = kind == _SOL_TRANSFER
            return SentTransfer("", _whole(lamports, _SOL_DECIMALS), to) if is_transfer else None
        case [(maker, _, made), (program, data, [_, mint, *_])] if (
            maker == ATA_PROGRAM
            and program in TOKEN_PROGRAMS
            and data[:1] == bytes([_TRANSFER_CHECKED])
        ):
            _, units, decimals = struct.unpack("<BQB", data)
            return SentTransfer(mint, _whole(units, decimals), made[2])
    return None


def _whole(units: int, decimals: int) -> Decimal:
    return Decimal(units).scaleb(-decimals)


def read_mint(*, address: str, owner: str, data: bytes) -> MintFacts:
    """A mint of either token program. Raises Refused for one whose transfers are not plain."""
    if owner not in TOKEN_PROGRAMS or len(data) < _MINT_SIZE or not data[45]:
        raise Refused("withdrawal.no_such_token", mint=address)
    for extension in _extensions(data):
        if extension not in _HARMLESS_EXTENSIONS:
            # A fee, a hook, a delegate: what arrives is not what was sent, or others may move it.
            raise Refused("withdrawal.token_not_plain", mint=address, extension=extension)
    return MintFacts(address=address, program=owner, decimals=data[44])


def own_token_account(*, owner: str, mint: str, program: str) -> str:
    """The associated account, which follows from these three alone."""
    seeds = [bytes(Pubkey.from_string(each)) for each in (owner, program, mint)]
    return str(Pubkey.find_program_address(seeds, Pubkey.from_string(ATA_PROGRAM))[0])


def plan_sol(*, wallet: str, to: str, lamports: int) -> TransferPlan:
    """A transfer of SOL."""
    params = TransferParams(
        from_pubkey=Pubkey.from_string(wallet), to_pubkey=Pubkey.from_string(to), lamports=lamports
    )
    allowed = AllowedInstruction(
        program=SYSTEM_PROGRAM,
        data=struct.pack("<IQ", 2, lamports),
        accounts=((0, wallet), (1, to)),
        whole=True,
    )
    return TransferPlan((transfer(params),), (allowed,))


def plan_token(*, wallet: str, to: str, mint: MintFacts, units: int) -> TransferPlan:
    """The receiver's own token account, made if missing, and a checked transfer to it."""
    source = own_token_account(owner=wallet, mint=mint.address, program=mint.program)
    target = own_token_account(owner=to, mint=mint.address, program=mint.program)
    make = Instruction(
        Pubkey.from_string(ATA_PROGRAM),
        _CREATE_IDEMPOTENT,
        [
            _meta(wallet, signs=True, writes=True),
            _meta(target, writes=True),
            _meta(to),
            _meta(mint.address),
            _meta(SYSTEM_PROGRAM),
            _meta(mint.program),
        ],
    )
    move = Instruction(
        Pubkey.from_string(mint.program),
        struct.pack("<BQB", _TRANSFER_CHECKED, units, mint.decimals),
        [
            _meta(source, writes=True),
            _meta(mint.address),
            _meta(target, writes=True),
            _meta(wallet, signs=True),
        ],
    )
    return TransferPlan((make, move), _allowed_of_token(wallet, to, mint, units))


def _allowed_of_token(
    wallet: str, to: str, mint: MintFacts, units: int
) -> tuple[AllowedInstruction, ...]:
    source = own_token_account(owner=wallet, mint=mint.address, program=mint.program)
    target = own_token_account(owner=to, mint=mint.address, program=mint.program)
    made = (wallet, target, to, mint.address, SYSTEM_PROGRAM, mint.program)
    moved = (source, mint.address, target, wallet)
    return (
        AllowedInstruction(ATA_PROGRAM, _CREATE_IDEMPOTENT, tuple(enumerate(made)), whole=True),
        AllowedInstruction(
            mint.program,
            bytes([_TRANSFER_CHECKED]) + units.to_bytes(8, "little") + bytes([mint.decimals]),
            tuple(enumerate(moved)),
            whole=True,
        ),
    )


def _meta(address: str, *, signs: bool = False, writes: bool = False) -> AccountMeta:
    return AccountMeta(Pubkey.from_string(address), is_signer=signs, is_writable=writes)


def _extensions(data: bytes) -> list[int]:
    """The types of a mint's extensions: type, length and value, after the account type."""
    found, at = [], _ACCOUNT_TYPE + 1
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        if kind == 0:
            break
        found.append(kind)
        at += 4 + length
    return found
