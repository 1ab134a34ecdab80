"""What is said of safety and of money that leaves: (what happened, what to do next) by code."""

_AGAIN = "Try again in a moment."
_SOL = "Send a little SOL to your wallet: /wallet shows its address."
_STAFF = "If it stays like this, tell support the id below."

MONEY_ERRORS: dict[str, tuple[str, str]] = {
    "security.totp_needed": (
        "That takes an authenticator, and you have none yet.",
        "/security enrols one.",
    ),
    "security.totp_wrong": (
        "That code is not right, or was used already.",
        "Wait for the next one.",
    ),
    "security.totp_wait": ("That was a wrong code too often.", "Wait {retry_after} s."),
    "security.totp_is_enrolled": (
        "You have an authenticator already.",
        "If it is lost, support can take it away.",
    ),
    "security.money_is_moving": (
        "Money of yours is between your wallet and a venue.",
        "Enrol your authenticator when it has arrived.",
    ),
    "security.not_a_resetter": ("Authenticators are taken away by support staff.", _STAFF),
    "security.own_reset": ("Nobody takes an authenticator of their own away.", _STAFF),
    "security.withdrawals_locked": (
        "Withdrawals are locked until {until}, after a change of how you are known.",
        "Nobody can shorten that; support can tell you more.",
    ),
    "address.malformed": ("“{typed}” is no address of a Solana wallet.", "Copy it whole."),
    "address.not_a_wallet": ("Money cannot be sent there: {why}.", "Use a wallet's address."),
    "address.label_malformed": ("That is no name for an address.", "Up to {longest} letters."),
    "address.known": ("Your address book has that already.", "Use another name or address."),
    "address.too_many": ("Your address book is full.", "Remove one of the {most} first."),
    "address.not_found": ("That is not in your address book.", "/withdraw opens it."),
    "address.cooling": (
        "“{label}” is new: money can go there from {until}.",
        "That wait cannot be shortened.",
    ),
    "withdrawal.not_found": ("I do not know that withdrawal.", "/withdraw shows yours."),
    "withdrawal.not_waiting": ("That withdrawal has moved on: {status}.", "/withdraw"),
    "withdrawal.not_active": ("Your account is {status}.", "Support tells you more."),
    "withdrawal.frozen": (
        "Your account is frozen or restricted: no money leaves it.",
        "/unfreeze, or ask support.",
    ),
    "withdrawal.unknown_token": ("I send no {token}.", "I send SOL, USDC and USDT."),
    "withdrawal.no_such_token": ("There is no token {mint} on the chain.", _STAFF),
    "withdrawal.token_not_plain": (
        "That token takes fees or obeys others when it moves, so I do not send it.",
        _STAFF,
    ),
    "withdrawal.token_missing": (
        "Your wallet holds {held} {token}.",
        "Take less, or bring more from the venue: /withdraw 100",
    ),
    "withdrawal.sol_missing": (
        "Your wallet lacks {missing} SOL for fees and rent, and for what must stay in it.",
        _SOL,
    ),
    "withdrawal.below_rent": (
        "A new address must get {least} SOL at least, or the chain refuses it.",
        "Send more.",
    ),
    "withdrawal.above_largest": (
        "One withdrawal may be {limit} {unit} at most.",
        "Withdraw in parts, or ask support.",
    ),
    "withdrawal.daily_limit": (
        "Of your {limit} {unit} in 24 hours {left} are left.",
        "Withdraw less, or later.",
    ),
    "withdrawal.no_longer_open": ("That withdrawal is {status} by now.", "/withdraw"),
    "withdrawal.address_removed": ("That address was removed from your book.", "/withdraw"),
    "withdrawal.found_on_chain": ("That withdrawal was sent before.", "/history"),
    "withdrawal.not_final_yet": ("That withdrawal is on the chain, not final yet.", _AGAIN),
    "withdrawal.not_a_reviewer": ("Withdrawals are reviewed by finance staff.", _STAFF),
    "withdrawal.own_proposal": ("Nobody approves a withdrawal of their own.", _STAFF),
    "venue_withdrawal.no_such_venue": ("I know no such venue.", "There are: {known}."),
    "venue_withdrawal.not_here": ("{venue} pays nothing out here.", "/status"),
    "venue_withdrawal.wrong_token": ("{venue} holds no {token}.", "/balance"),
    "venue_withdrawal.amount_too_fine": ("{token} has {places} decimals.", "Shorten it."),
    "venue_withdrawal.too_much": (
        "At most {most} {token} can leave the venue now.",
        "Close positions to free more.",
    ),
    "venue_withdrawal.frozen": ("Your account is frozen.", "/unfreeze lets it go again."),
    "venue_withdrawal.sol_missing": ("Your wallet lacks {missing} SOL for fee and rent.", _SOL),
    "venue_withdrawal.not_signed": (
        "{token} cannot come back to this wallet yet: its signing rules are of before.",
        "Support can have them renewed; your {token} stays at the venue.",
    ),
    "venue_withdrawal.too_many_markets": (
        "You are in so many markets at {venue} that no message of the chain has room for {token}.",
        "Close a position, with its orders, in one of them.",
    ),
    "venue_withdrawal.no_longer_open": ("That withdrawal is {status} by now.", "/history"),
    "venue_withdrawal.nothing_to_settle": ("There is no profit to settle.", "/positions"),
    "incoming.not_found": ("I do not know that payment.", "/balance"),
    "incoming.no_sender": ("The chain does not show one sender of that.", _STAFF),
    "incoming.returned": ("That was sent back already.", "/balance"),
    "incoming.of_use": (
        "{token} is of use at your venue, so it leaves by the address book.",
        "/withdraw",
    ),
    "incoming.under_way": ("That is on its way back already.", "/withdraw shows it."),
    "incoming.more_than_came": ("Only {amount} came.", "Send back that much or less."),
    "link.not_open": ("That link was used, or is too old.", "/link makes a new one."),
    "session.not_found": ("There is no such session.", "/security"),
    "email.malformed": ("That is no e-mail address.", "Write it like name@example.com."),
    "email.taken": ("That e-mail address is another account's.", "Use another one."),
}
