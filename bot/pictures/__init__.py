"""Pictures, where people look rather than read: QR codes, price charts, PnL cards, equity curves.

Each is drawn from facts alone, at the size of a phone's screen, and never shows an amount that
its owner hides. The drawing library is loaded with the first picture, not with the bot.
"""

from bot.pictures.qr import qr_code

__all__ = ["qr_code"]
