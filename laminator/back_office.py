"""The back office's pages: loaded by the process that shows them, and by no other."""

from django.apps import AppConfig


class UnfoldConfig(AppConfig):
    """The library's templates and files; its own start would load half of the back office."""

    name = "unfold"


def load_pages() -> None:
    """Make the site and register every room's pages; doing it again changes nothing."""
    from django.contrib import admin
    from django.contrib.admin import sites
    from unfold.sites import UnfoldAdminSite

    if not isinstance(admin.site, UnfoldAdminSite):
        admin.site = sites.site = UnfoldAdminSite()
        admin.autodiscover()
