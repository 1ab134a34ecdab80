"""Whether a venue on the chain still is what this release knows."""

from django.db import models


class VenueGate(models.Model):
    """What the last look at a deployment found; no row, or an old one, is a closed gate."""

    deployment = models.TextField(primary_key=True)
    is_open = models.BooleanField(default=False)
    # Plain sentences, for people and staff alike.
    reasons = models.JSONField(default=list, blank=True)
    # The last look that was answered; a node that is down answers nothing.
    checked_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    # Why the last try was not answered.
    failure = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "venue_gates"

    def __str__(self) -> str:
        return f"{self.deployment} {'open' if self.is_open else 'closed'}"
