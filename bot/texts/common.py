"""Short texts that belong to no single command."""

from bot.markup import bold, quote

PRIVATE_ONLY = "I only work in a private chat: tap my name and write to me there."
EDITED = (
    "I do not act on edited messages. Send the command again as a new message. Nothing was moved."
)
SLOW_DOWN = "That was a lot at once. Wait some seconds. What you just sent was not done."
ABORTED = "Left. Nothing was moved."
NOT_IN_FLOW = "There is nothing to leave. /help shows what I can do."
CANCELLED = "✖️ Cancelled. Nothing was moved."
SYNCING = "🔄 Your venue accounts are being read anew: /positions shows them in some seconds."
WHICH_MARKET = "Which market?"
HUB = "\n".join([bold("The desk"), "Deposit, trade, look: choose."])
NOT_UNDERSTOOD = "I do not understand that here. /help shows what I can do."
TEXT_ONLY = "I read texts and buttons only. /help shows what I can do."

_SUMMARY = ("Summaries of a day, week or month are", "/history and /equity show what happened.")
_STRATEGIES = ("Strategies and their signals are", "/long and /short place your own orders.")
_COPY = ("Copying other traders is", "/long and /short place your own orders.")
# What people know from elsewhere: what it is, and what can be done instead.
NOT_HERE_YET = {
    "daily": _SUMMARY,
    "weekly": _SUMMARY,
    "monthly": _SUMMARY,
    "export": ("Exports are", "/history shows what has happened."),
    "copy": _COPY,
    "leaders": _COPY,
    "copylog": _COPY,
    "strategies": _STRATEGIES,
    "signals": _STRATEGIES,
    "whales": ("News of large wallets is", "/markets tells the prices of now."),
    "support": ("A line to support is", "/status tells how the desk is doing."),
}

# Telegram's own menu of commands.
COMMANDS = {
    "start": "Begin, or come back",
    "create": "Make your wallet",
    "drift": "The desk's menu",
    "wallet": "Your wallet's address and QR code",
    "balance": "What you have, and where",
    "deposit": "Money from your wallet to the venue",
    "withdraw": "Money back to your wallet, or out to an address",
    "long": "Buy: /long sol 0.5 5x, /long sol $100 sl 130 tp 170",
    "short": "Sell: /short btc 0.01 limit 70000",
    "myposition": "Your open positions and their PnL",
    "close": "Close: /close sol 50%",
    "orders": "Your orders: look, change, cancel",
    "juppositions": "What you hold at Jupiter Perps, to look at",
    "flashbalance": "What you hold at Flash.trade, to look at",
    "history": "What has happened on your account",
    "settings": "Slippage, leverage, time zone and more",
    "help": "Everything I can do",
}
_MORE = {
    "notifications": "What you hear of, and when it is quiet",
    "security": "How your account is guarded; keys for programs",
    "freeze": "Stop everything but closing, at once",
    "unfreeze": "Let your account go again, by a code",
    "link": "Your page: address book, withdrawals, sessions",
    "positions": "The same as /myposition",
    "cancel": "Cancel what rests: /cancel all, /cancel sol",
    "sl": "A stop for a position: /sl sol 130",
    "tp": "A target for a position: /tp sol 170",
    "panic": "Cancel all orders and close all positions",
    "markets": "Markets and their prices",
    "price": "One price: /price sol",
    "alert": "Be told of a price: /alert SOL > 150",
    "alerts": "Your alerts: pause, resume, delete",
    "chart": "A price chart with your levels: /chart sol",
    "pnl": "A card of a position's gain or loss: /pnl sol",
    "equity": "What your account was worth over time",
    "paper": "Trade with play money: /paper on, off, reset",
    "health": "How far each venue account is from liquidation",
    "funding": "The funding that you paid and were paid",
    "sync": "Look at the chain again, now",
    "menu": "The same as /drift",
    "api": "The same as /security",
    "status": "How the desk is doing",
    "abort": "Leave what you were doing",
}


def help_text() -> str:
    lines = [f"/{name}: {quote(what)}" for name, what in {**COMMANDS, **_MORE}.items()]
    return "\n".join(
        [
            bold("What I can do"),
            *lines,
            "",
            "Sizes: 0.5 is in the market's asset, $100 is a value; 5x caps your leverage.",
            "All kinds of orders: /help orders",
            "Nothing moves money before you tap Confirm on a card that shows every number,",
            "unless you have switched confirmations off in /settings.",
        ]
    )


def order_help() -> str:
    """Every kind of order, each with a line that can be sent as it is."""
    return "\n".join(
        [
            bold("Orders"),
            "/long sol 0.5: at the market, now",
            "/long sol 0.5 limit 148: rests until its price; add post, ioc, or for 2h",
            "/long sol 0.5 stop 160: buys once the price is there (stop 160 limit 161)",
            "/short sol 0.5 target 170: sells once the price is there",
            "/long sol 0.5 offset -0.5: follows the oracle, where the venue can",
            "/long sol 0.5 sl 130 tp 170: with a stop and a target at the venue",
            "/long sol flip: turns a short into a long of the same size",
            "/short sol 0.5 limit 170 reduce: sells, and never more than the long you hold",
            "Also: 5x caps the leverage, slip 1% the slippage.",
            "",
            bold("Later"),
            "/sl sol 130, /tp sol 170: guard an open position",
            "/orders: each one's card, with Change and Cancel",
            "/cancel all, /cancel sol, /panic",
        ]
    )


def welcome(*, first_name: str | None, is_new: bool, has_wallet: bool) -> str:
    name = bold(first_name or "trader")
    hello = f"Welcome, {name}." if is_new else f"Welcome back, {name}."
    next_step = (
        "/balance shows what you have, /drift is the menu."
        if has_wallet
        else "You have no wallet yet: /create makes one. Its key stays with the custodian."
    )
    return f"{hello}\nThis desk trades perpetual futures on Solana for you.\n{next_step}"
