"""Redis as the broker of tasks, so that a worker outlives an outage of it."""

from typing import Any

from kombu.transport import redis as transport
from redis.exceptions import RedisError


class PatientQoS(transport.QoS):
    """Says "no connection" where a message outlived the connection that it came by.

    The library stumbles there over what the closed connection has forgotten, which ends the
    worker. What is not acknowledged is delivered again later, and every task may run twice.
    """

    def ack(self, delivery_tag: str) -> None:
        self._require_connection()
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        self._require_connection()
        super().reject(delivery_tag, requeue=requeue)

    def restore_unacked(self, client: Any = None) -> None:
        try:
            self._require_connection()
            super().restore_unacked(client)
        except (OSError, RedisError):
            # They come back by themselves when their visibility time-out is over.
            if self._delivered is not None:
                self._delivered.clear()

    def _require_connection(self) -> None:
        if getattr(self.channel.connection, "client", None) is None:
            raise ConnectionError("the connection of this message is closed")


def use_patient_channel() -> None:
    """From now on the channels of this process's brokers are patient."""
    transport.Channel.QoS = PatientQoS
