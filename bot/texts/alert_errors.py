"""What can be wrong with an alert: what happened, and the next step."""

ALERT_ERRORS: dict[str, tuple[str, str]] = {
    "alert.not_found": ("There is no such alert of yours.", "/alerts"),
    "alert.ended": ("That alert has ended already: it is {status}.", "/alerts"),
    "alert.exists": ("You have the very same alert on {market} already.", "/alerts"),
    "alert.too_many": (
        "You keep {maximum} alerts already, the most of your tier.",
        "Delete one in /alerts first.",
    ),
    "alert.repeat_out_of_range": (
        "An alert repeats at most once a minute, and at least every {days} days.",
        "Write it like every 10m, every 2h or every 1d.",
    ),
    "alert.until_out_of_range": (
        "An alert ends within {days} days, and not in the past.",
        "Write it like until 12h, until 7d or until 18:30.",
    ),
    "alert.note_too_long": ("A note has at most {maximum} characters.", "Shorten it."),
    "command.no_moment": (
        "“{typed}” is no moment.", "Write it like 12h, 7d, 18:30 or 2027-01-31."
    ),
}  # fmt: skip
