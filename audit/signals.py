"""The one custom signal of the desk: an audit row was written, in the open transaction."""

from django.dispatch import Signal

# Sent with `record`, the AuditLog row; receivers write beside it, in the same transaction.
event_recorded = Signal()
