"""The one custom signal of the desk: audit rows were written, in the open transaction."""

from django.dispatch import Signal

# Sent with `records`, AuditLog rows; receivers write beside them, in the same transaction.
event_recorded = Signal()
