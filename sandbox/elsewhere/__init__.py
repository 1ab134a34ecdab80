"""Stand-ins for venues that the product only reads: Jupiter Perps and Flash.trade."""
