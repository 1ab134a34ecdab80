"""A person's authenticator: the library's device, whose secret is kept encrypted."""

from django_otp.plugins.otp_totp.models import TOTPDevice

from core.encryption import place_of, unseal


class Authenticator(TOTPDevice):  # type: ignore[misc]  # the library has no types
    """The library's own table and checks; `key` holds what `core.encryption` made of the secret."""

    class Meta:
        proxy = True
        verbose_name = "authenticator"

    @property
    def bin_key(self) -> bytes:
        """The secret, which the library computes codes from. Raises Misconfigured."""
        return unseal(self.key, place=place_of(self, "key"))
