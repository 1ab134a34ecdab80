"""Who calls: what authentication found out, as views and permissions see it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind a request and the key that it came with."""

    user_id: uuid.UUID
    key_id: uuid.UUID
    key_name: str
    scopes: frozenset[str]

    # Django REST framework asks this of whoever makes a request.
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True

    def may(self, scope: str) -> bool:
        """`trade` holds `trade:reduce_only`; no other scope holds another one."""
        return scope in self.scopes or (scope == "trade:reduce_only" and "trade" in self.scopes)
