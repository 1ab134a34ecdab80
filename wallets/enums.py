"""What a wallet can be."""

from django.db.models import TextChoices


class WalletType(TextChoices):
    PRIVY = "privy"
    PHANTOM = "phantom"
    SOLFLARE = "solflare"
    BACKPACK = "backpack"
    EXTERNAL = "external"


class ChainType(TextChoices):
    SOLANA = "solana"
    ETHEREUM = "ethereum"
    POLYGON = "polygon"


class WalletStatus(TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    PENDING = "pending"
