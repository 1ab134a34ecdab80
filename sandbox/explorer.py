"""The explorer: pages for a signature and for an address, as a trader opens them from a card."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from html import escape

from aiohttp import web
from solders.pubkey import Pubkey

from sandbox.pages import facts, link, page
from sandbox.perps.deployment import DRIFT, VELOCITY
from sandbox.solana.chain import Chain
from sandbox.solana.known import (
    ASSOCIATED_TOKEN_PROGRAM,
    COMPUTE_BUDGET_PROGRAM,
    LOOKUP_TABLE_PROGRAM,
    MEMO_PROGRAMS,
    SYSTEM_PROGRAM,
    TOKEN_2022_PROGRAM,
    TOKEN_PROGRAM,
)
from sandbox.solana.ledger import TransactionRecord
from sandbox.solana.rpc.errors import transaction_error_text
from sandbox.solana.slots import COMMITMENT_LAG
from sandbox.solana.tokens import read_mint, read_token_account, ui_amount
from sandbox.state import Json

HISTORY_SHOWN = 50
LAMPORTS_DECIMALS = 9
PROGRAM_NAMES = {
    str(SYSTEM_PROGRAM): "System",
    str(COMPUTE_BUDGET_PROGRAM): "Compute budget",
    str(TOKEN_PROGRAM): "Token",
    str(TOKEN_2022_PROGRAM): "Token-2022",
    str(ASSOCIATED_TOKEN_PROGRAM): "Associated token account",
    str(LOOKUP_TABLE_PROGRAM): "Address lookup table",
    **{str(program): "Memo" for program in MEMO_PROGRAMS},
    str(DRIFT.program_id): "Drift",
    str(VELOCITY.program_id): "Velocity",
}


class Explorer:
    """Pages over one chain, under `/` and under `/explorer`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def add_routes(self, app: web.Application) -> None:
        """Add the pages to an application."""
        app.router.add_get("/explorer", self._recent)
        for prefix in ("", "/explorer"):
            app.router.add_get(prefix + "/tx/{signature}", self._transaction)
            app.router.add_get(prefix + "/address/{address}", self._address)
            app.router.add_get(prefix + "/account/{address}", self._address)

    async def _recent(self, _request: web.Request) -> web.Response:
        records = self._chain.ledger.newest(HISTORY_SHOWN)
        return page("Latest transactions", _history_table(records, base="/"))

    async def _transaction(self, request: web.Request) -> web.Response:
        signature = request.match_info["signature"]
        record = self._chain.ledger.find(signature)
        if record is None:
            text = (
                "<p>This signature is in no block. It may have been dropped, or not yet landed.</p>"
            )
            return page("Transaction not found", text, status=404)
        sections = [self._summary(record), self._changes(record)]
        sections.append(self._instructions(record))
        sections.append(f"<h2>Log</h2><pre>{escape(chr(10).join(record.logs)) or '—'}</pre>")
        return page("Transaction", *sections)

    def _summary(self, record: TransactionRecord) -> str:
        if record.error is None:
            outcome = '<span class="good">Success</span>'
        else:
            outcome = (
                f'<span class="bad">Failed: {escape(transaction_error_text(record.error))}</span>'
            )
        age = self._chain.slots.slot - record.slot
        reached = [name for name, lag in COMMITMENT_LAG.items() if age >= lag]
        payer = record.keys[0]
        return facts(
            ("Signature", f"<code>{escape(record.signature)}</code>"),
            ("Result", outcome),
            ("Status", escape(reached[-1])),
            ("Slot", f"{record.slot:,}"),
            ("Time", _time(record.block_time)),
            ("Fee", f"{_decimal(record.fee, LAMPORTS_DECIMALS)} SOL"),
            ("Fee payer", link(f"../address/{payer}", payer)),
            ("Memo", escape(_memo_text(record)) or '<span class="soft">none</span>'),
            ("Compute units", f"{record.units:,}"),
            ("Version", escape(str(record.version))),
        )

    def _changes(self, record: TransactionRecord) -> str:
        rows = [
            (key, after - before, LAMPORTS_DECIMALS, "SOL")
            for key, before, after in zip(
                record.keys, record.pre_balances, record.post_balances, strict=True
            )
            if before != after
        ]
        rows += _token_changes(record)
        if not rows:
            return "<h2>Balance changes</h2><p class='soft'>None.</p>"
        body = "".join(
            f"<tr><td>{link(f'../address/{key}', _short(key))}</td><td class='number'>"
            f"<span class='{'good' if change > 0 else 'bad'}'>"
            f"{_decimal(change, decimals, sign=True)}</span> {escape(unit)}</td></tr>"
            for key, change, decimals, unit in rows
        )
        return f"<h2>Balance changes</h2><table>{body}</table>"

    def _instructions(self, record: TransactionRecord) -> str:
        calls = {item["index"]: len(item["instructions"]) for item in record.inner}
        body = "".join(
            f"<tr><td>{index}</td><td>"
            f"{_program_link(record.keys[item.program_id_index])}"
            f"</td><td class='number'>{len(bytes(item.data))} bytes"
            f"{f', {calls[index]} calls' if index in calls else ''}</td></tr>"
            for index, item in enumerate(record.transaction.message.instructions)
        )
        return f"<h2>Instructions</h2><table>{body}</table>"

    async def _address(self, request: web.Request) -> web.Response:
        try:
            address = Pubkey.from_string(request.match_info["address"])
        except ValueError:
            return page("No such address", "<p>This is not a Solana address.</p>", status=404)
        account = self._chain.account(address)
        pairs = [("Address", f"<code>{address}</code>")]
        if account is None:
            pairs.append(("Balance", "0 SOL <span class='soft'>(no account)</span>"))
        else:
            owner = str(account.owner)
            pairs += [
                ("Balance", f"{_decimal(account.lamports, LAMPORTS_DECIMALS)} SOL"),
                ("Owner", link(f"../address/{owner}", owner)),
                ("Data", f"{len(account.data):,} bytes"),
            ]
        sections = [facts(*pairs), self._tokens(address), self._history(address)]
        return page("Address", *sections)

    def _tokens(self, owner: Pubkey) -> str:
        rows = []
        for key, account in self._chain.accounts.token_accounts_of(owner):
            held = read_token_account(account)
            if held is None:
                continue
            mint = read_mint(self._chain.account(held.mint))
            amount = ui_amount(held.amount, mint.decimals if mint else 0)["uiAmountString"]
            rows.append(
                f"<tr><td>{link(f'../address/{held.mint}', _short(str(held.mint)))}</td>"
                f"<td>{link(f'../address/{key}', _short(str(key)))}</td>"
                f"<td class='number'>{amount}</td></tr>"
            )
        if not rows:
            return "<h2>Tokens</h2><p class='soft'>None.</p>"
        head = "<tr><th>Mint</th><th>Account</th><th></th></tr>"
        return f"<h2>Tokens</h2><table>{head}{''.join(rows)}</table>"

    def _history(self, address: Pubkey) -> str:
        records = self._chain.ledger.of_address(str(address))[:HISTORY_SHOWN]
        return f"<h2>Transactions</h2>{_history_table(records, base='../')}"


_GOOD = "<span class='good'>ok</span>"
_BAD = "<span class='bad'>failed</span>"


def _history_table(records: Iterable[TransactionRecord], *, base: str) -> str:
    rows = "".join(
        f"<tr><td>{link(f'{base}tx/{record.signature}', _short(record.signature))}</td>"
        f"<td>{_GOOD if record.error is None else _BAD}</td>"
        f"<td class='number'>{_time(record.block_time)}</td></tr>"
        for record in records
    )
    return f"<table>{rows}</table>" if rows else "<p class='soft'>None.</p>"


def _program_link(address: str) -> str:
    return link(f"../address/{address}", PROGRAM_NAMES.get(address, address))


def _token_changes(record: TransactionRecord) -> list[tuple[str, int, int, str]]:
    def amounts(balances: tuple[dict[str, Json], ...]) -> dict[int, dict[str, Json]]:
        return {item["accountIndex"]: item for item in balances}

    before, after = amounts(record.pre_token_balances), amounts(record.post_token_balances)
    rows = []
    for index in sorted(before.keys() | after.keys()):
        shown = after.get(index) or before[index]
        change = sum(
            sign * int(side[index]["uiTokenAmount"]["amount"])
            for sign, side in ((1, after), (-1, before))
            if index in side
        )
        if change:
            decimals = shown["uiTokenAmount"]["decimals"]
            rows.append((record.keys[index], change, decimals, _short(shown["mint"])))
    return rows


def _memo_text(record: TransactionRecord) -> str:
    message = record.transaction.message
    programs = {str(program) for program in MEMO_PROGRAMS}
    memos = (
        bytes(item.data).decode(errors="replace")
        for item in message.instructions
        if record.keys[item.program_id_index] in programs
    )
    return "; ".join(memos)


def _decimal(units: int, decimals: int, *, sign: bool = False) -> str:
    value = Decimal(units).scaleb(-decimals)
    text = f"{value:+,f}" if sign else f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _short(text: str) -> str:
    return f"{text[:4]}…{text[-4:]}"


def _time(unix: int) -> str:
    return datetime.fromtimestamp(unix, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
