"""What the chat says of money that leaves: the screen, the confirm card, the card that follows."""

from collections.abc import Sequence
from datetime import datetime

from bot.markup import bold, code, quote
from bot.texts import figures
from bot.texts.cards import explorer_link
from bot.texts.errors import denial_lines, reason_sentence
from core.money import plain
from trading.facts import VenueWithdrawalPreview
from trading.venues.base import Withdrawable
from wallets.facts import AddressFacts, WithdrawalFacts

USAGE = "/withdraw 100 brings money from the venue to your wallet; /withdraw 100 usdc to NAME."
CODE_LINK = (
    "🔐 This page asks for a code of your authenticator, and nothing leaves without it. The link "
    "works once, for 10 minutes. Never pass it on."
)
_ENDED = {
    "finalized": "✅",
    "failed": "⛔",
    "not_executed": "⛔",
    "rejected": "⛔",
    "cancelled": "✖️",
}


def withdraw_screen(
    *,
    venues: Sequence[tuple[str, Withdrawable]] | None,
    addresses: Sequence[AddressFacts],
    recent: Sequence[WithdrawalFacts],
    locked_until: datetime | None,
) -> str:
    """What can leave each venue and what bounds it, the book, and what is on its way.

    `venues` is None where the chain could not be asked.
    """
    lines = [bold("Withdraw")]
    if locked_until is not None:
        lines.append(
            f"⛔ Nothing leaves your wallet before {locked_until:%Y-%m-%d %H:%M} UTC: "
            "withdrawals are locked. /security"
        )
    if venues is None:
        lines.append("What can leave your venue cannot be read now: the chain does not answer.")
    for deployment, found in venues or ():
        lines.append(
            f"{quote(deployment.capitalize())}: "
            f"{bold(figures.token(found.amount, found.token_symbol))} can leave now"
        )
        lines.append(f"  {_bounds(found)}")
    lines += ["", bold("Address book")]
    lines += [
        f"{quote(each.label)}: {code(f'{each.address[:4]}…{each.address[-4:]}')}"
        + ("" if each.is_usable else f", from {each.usable_at:%Y-%m-%d %H:%M} UTC")
        for each in addresses[:10]
    ] or ["Empty: the page below adds an address."]
    if recent:
        lines += ["", bold("Lately")]
        lines += [
            f"{figures.token(each.amount, each.token_symbol)} to {quote(each.label)}: "
            f"{quote(each.status_words)}"
            for each in recent
        ]
    lines += [
        "",
        "/withdraw 100: from the venue to your wallet",
        "/withdraw 100 usdc to NAME: from your wallet to an address of your book",
        "/withdraw 100 usdc from drift to NAME: both, one after the other",
    ]
    return "\n".join(lines)


def _bounds(found: Withdrawable) -> str:
    bounds = {
        "deposited": found.deposited,
        "free": found.free_collateral,
        "the venue's limit": found.market_limit,
        "not settled yet": found.unsettled if found.unsettled > 0 else None,
    }
    said = [
        f"{name} {figures.token(value, found.token_symbol).split()[0]}"
        for name, value in bounds.items()
        if value is not None
    ]
    return " · ".join(said)


def venue_withdrawal_card(preview: VenueWithdrawalPreview, *, valid_seconds: int) -> str:
    """The confirm card: from the venue to the person's own wallet, which is all it can reach."""
    symbol = preview.token_symbol
    amount = figures.token(preview.amount, symbol, exact=True)
    lines = [
        f"{bold(f'Withdraw {amount} to your wallet')}  {bold('LIVE')}",
        f"Can leave now: {figures.token(preview.withdrawable, symbol, exact=True)}",
        f"Wallet: {code(preview.wallet_address)}",
        f"Fee: at most {plain(preview.fee_sol)} SOL",
        "What arrives is what the venue records; it may be a hair less.",
    ]
    if preview.settles:
        lines.append("Profit that is not settled is settled first, in a message of its own.")
    if preview.denials:
        lines += ["", denial_lines(preview.denials, kind="venue_withdrawal"), "Nothing was moved."]
    else:
        lines += ["", f"Valid {valid_seconds} s."]
    return "\n".join(lines)


def withdrawal_card(found: WithdrawalFacts) -> str:
    """A withdrawal out of the house and what is known of it; its address whole."""
    amount = figures.token(found.amount, found.token_symbol, exact=True)
    lines = [
        f"{bold(f'Withdraw {amount}')}  {bold('LIVE')}",
        f"To {quote(found.label)}: {code(found.to_address)}",
        f"{_ENDED.get(found.status, '⏳')} {quote(found.status_words)}",
    ]
    if found.may_be_cancelled and found.release_at is not None:
        lines.append(
            f"Leaves not before {found.release_at:%Y-%m-%d %H:%M} UTC; stoppable till then."
        )
    if found.sent_amount is not None and found.sent_amount != found.amount:
        lines.append(f"Sent: {figures.token(found.sent_amount, found.token_symbol, exact=True)}")
    if found.ended_at is not None:
        lines.append(reason_sentence(found.reason))
    if found.signature:
        lines.append(explorer_link(found.signature, found.source_deployment).strip(" ·"))
    return "\n".join(filter(None, lines))
