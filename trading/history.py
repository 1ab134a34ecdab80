"""Which changes of an order or a position are history; a new mark price is none."""

import pghistory

ORDER_EVENTS = (
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange(
            "status",
            "filled_size",
            "avg_fill_price",
            "total_fees",
            "price",
            "size",
            "trigger_price",
        )
    ),
    pghistory.DeleteEvent(),
)
POSITION_EVENTS = (
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange("size", "side", "margin", "realized_pnl", "status")
    ),
    pghistory.DeleteEvent(),
)
