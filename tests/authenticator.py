"""A person's authenticator: codes of a secret, at the moments that a test names."""

from base64 import b32decode

from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import UserSecurity
from accounts.services import confirm_totp, enrol_totp
from core.roles import as_sync


class Authenticator:
    """The device of one user; each call of `code` gives one that was not used before."""

    def __init__(self, user_id, now, *, before_money=True):
        self.user_id = user_id
        self.secret = b32decode(enrol_totp(user_id=user_id, asked_by=user_id).secret)
        confirm_totp(user_id=user_id, asked_by=user_id, code=self.code(), now=now)
        if before_money:
            # As if it had been enrolled before anything came: a later one locks withdrawals.
            with as_sync():
                late = UserSecurity.objects.filter(lock_reason="totp_enrolled_late")
                late.filter(user_id=user_id).update(
                    withdrawals_locked_until=None, lock_reason="", past_small_limit_at=None
                )

    def code(self):
        """The code of now; that of before may be used again: another test's is who does that."""
        forget_used_codes(self.user_id)
        return f"{totp(self.secret):06d}"


def forget_used_codes(user_id):
    """As if the last code had been used long ago and no wrong one tried."""
    with as_sync():
        TOTPDevice.objects.filter(user_id=user_id).update(
            last_t=-1, drift=0, throttling_failure_count=0, throttling_failure_timestamp=None
        )
