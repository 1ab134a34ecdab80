"""What the desk's settings say of its app at Privy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from django.conf import settings
from django.utils.module_loading import import_string
from solders.pubkey import Pubkey

from core.errors import Misconfigured
from wallets.custody.policies import ASSOCIATED_TOKEN_PROGRAM, FeeTerms, PolicyTerms
from wallets.custody.privy_api import AuthorizationKey, PrivyAccess
from wallets.tokens import FEE_FLOAT_LAMPORTS

LAMPORTS_PER_SOL = 1_000_000_000
# What the cap in SOL can be worth in the quote token, in its units of 1e-6.
LARGEST_QUOTE_FEE_UNITS = 50_000_000


class Deployment(Protocol):
    """What custody must know of a venue's deployment."""

    @property
    def program_id(self) -> str: ...
    @property
    def quote_mint(self) -> str: ...
    @property
    def token_programs(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivySettings:
    """One app at Privy, the desk's parties in it, and what they may sign."""

    access: PrivyAccess
    owner_quorum_id: str
    trading_signer_id: str
    trading_signer_key: AuthorizationKey | None
    """The withdrawal worker has none."""
    withdraw_signer_id: str
    withdraw_signer_key: AuthorizationKey | None = None
    """Only the withdrawal worker has it."""
    deployments: tuple[Deployment, ...]
    sponsor_external_id: str
    largest_fee_lamports: int

    @property
    def terms(self) -> PolicyTerms:
        return PolicyTerms(
            venue_programs=tuple(sorted({each.program_id for each in self.deployments})),
            quote_mints=tuple(sorted({each.quote_mint for each in self.deployments})),
            float_lamports=FEE_FLOAT_LAMPORTS,
            largest_quote_units=LARGEST_QUOTE_FEE_UNITS,
        )

    def fees(self, sponsor: str) -> FeeTerms:
        accounts = {
            associated_account(sponsor, each.quote_mint, program)
            for each in self.deployments
            for program in each.token_programs
        }
        return FeeTerms(
            sponsor=sponsor,
            sponsor_token_accounts=tuple(sorted(accounts)),
            largest_lamports=self.largest_fee_lamports,
        )

    @classmethod
    def read(cls) -> Self:
        """Read Django's settings; raises Misconfigured naming what is missing or malformed."""
        environment = settings.ENVIRONMENT
        deployments: Mapping[str, Deployment] = import_string(settings.DEPLOYMENTS)
        return cls(
            access=PrivyAccess(
                base_url=str(environment.privy_base_url),
                app_id=_given(environment.privy_app_id, "PRIVY_APP_ID"),
                app_secret=_given(environment.privy_app_secret, "PRIVY_APP_SECRET"),
            ),
            owner_quorum_id=_given(environment.privy_owner_quorum_id, "PRIVY_OWNER_QUORUM_ID"),
            trading_signer_id=_given(
                environment.privy_trading_signer_id, "PRIVY_TRADING_SIGNER_ID"
            ),
            trading_signer_key=_key(
                environment.privy_trading_signer_key,
                "PRIVY_TRADING_SIGNER_KEY",
                may_lack=environment.privy_withdraw_signer_key is not None,
            ),
            withdraw_signer_id=_given(
                environment.privy_withdraw_signer_id, "PRIVY_WITHDRAW_SIGNER_ID"
            ),
            withdraw_signer_key=_key(
                environment.privy_withdraw_signer_key, "PRIVY_WITHDRAW_SIGNER_KEY", may_lack=True
            ),
            deployments=tuple(deployments.values()),
            sponsor_external_id=environment.sponsor_wallet_external_id,
            largest_fee_lamports=int(environment.sponsor_user_daily_cap_sol * LAMPORTS_PER_SOL),
        )


def _key(value: Any, setting: str, *, may_lack: bool) -> AuthorizationKey | None:
    if value is None and may_lack:
        return None
    return AuthorizationKey(_given(value, setting), setting=setting)


def _given(value: Any, setting: str) -> str:
    if value is None:
        raise Misconfigured("custody.setting_missing", setting=setting)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def associated_account(owner: str, mint: str, token_program: str) -> str:
    """The token account that follows from its owner, mint and token program."""
    address, _bump = Pubkey.find_program_address(
        [
            bytes(Pubkey.from_string(owner)),
            bytes(Pubkey.from_string(token_program)),
            bytes(Pubkey.from_string(mint)),
        ],
        Pubkey.from_string(ASSOCIATED_TOKEN_PROGRAM),
    )
    return str(address)
