"""`run`: the whole desk on this machine, under one supervisor."""

import argparse

from laminator.local.desk import Desk
from laminator.local.desk_settings import read_desk_settings
from laminator.local.var_folder import VarFolder


def command(_options: argparse.Namespace, _rest: list[str]) -> int:
    """Start everything, keep it running until Ctrl-C or SIGTERM, stop everything."""
    settings = read_desk_settings()
    folder = VarFolder(settings.var_dir)
    with folder.held():
        return Desk(settings=settings, folder=folder).run()
