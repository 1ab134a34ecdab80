"""What reports do to changes of orders, and to the ids that orders have at their venue."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.services import end_intent
from audit.services import advance
from chain.enums import SubmissionState
from chain.models import SubmissionAct
from core.money import ZERO
from trading.booking.orders import change_order
from trading.enums import CHANGE_MOVES, ORDER_ENDED, ChangeKind, ChangeStatus
from trading.models import Fill, OrderChange, VenueAccount, VenueOrderId
from trading.venues.base import Venue
from trading.venues.reports import AccountReport, OrderPlaced

SUBJECT = "order_change"
