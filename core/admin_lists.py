"""Lists that open at once on tables of any size: no counting, no sorting, exact searching."""

import re
import uuid
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

# Paging is for looking around; beyond this, searching and filtering lead there, OFFSET does not.
LAST_PAGE = 100
_LARGEST_BIGINT = 2**63 - 1
_UUID = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE | re.ASCII
)
_LONGEST_TERM = 200


class WindowPaginator(Paginator):  # type: ignore[type-arg]
    """Knows the present page and whether there is a next one, and never counts."""

    template_name = "desk_admin/pagination.html"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = 1
        self.has_next = False
        self.rows: list[Any] = []

    def turn_to(self, number: int) -> None:
        """Fetch a page, and one row more to know whether there is another page."""
        self.number = min(max(1, number), LAST_PAGE)
        start = (self.number - 1) * self.per_page
        rows = list(self.object_list[start : start + self.per_page + 1])
        self.has_next = len(rows) > self.per_page and self.number < LAST_PAGE
        self.rows = rows[: self.per_page]

    @property
    def count(self) -> int:
        """How many rows there are up to this page's end, and one more if there are more."""
        return (self.number - 1) * self.per_page + len(self.rows) + int(self.has_next)


class WindowChangeList(ChangeList):  # type: ignore[misc]
    """A list that fetches one page by one query."""

    def get_results(self, request: HttpRequest) -> None:  # noqa: ARG002  # Django's signature
        paginator = WindowPaginator(self.queryset, self.list_per_page)
        wanted: int = self.page_num  # type: ignore[has-type]
        paginator.turn_to(wanted)
        self.page_num = paginator.number
        self.paginator = paginator
        self.result_list = paginator.rows
        self.result_count = paginator.count
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = bool(paginator.rows)
        self.can_show_all = False
        self.multi_page = paginator.has_next or paginator.number > 1
        self.next_page_query = self.get_query_string({PAGE_VAR: self.page_num + 1})
        self.previous_page_query = self.get_query_string({PAGE_VAR: self.page_num - 1})


def search_exactly(
    queryset: "QuerySet[Any]", term: str, *, search_by: tuple[str, ...], admin_site: Any
) -> "QuerySet[Any]":
    """The rows of which one of these columns is exactly `term`; by indexes only.

    A foreign key stands for the columns by which its target's own list is searched. What can be
    no value of any of the columns finds nothing.
    """
    condition = _condition(queryset.model, term, search_by=search_by, admin_site=admin_site)
    return queryset.none() if condition is None else queryset.filter(condition)


def _condition(
    model: type[models.Model], term: str, *, search_by: tuple[str, ...], admin_site: Any
) -> Q | None:
    term = term.strip()
    if not term or "\x00" in term or len(term) > _LONGEST_TERM:
        return None
    found: Q | None = None
    for name in search_by:
        part = _of_column(model._meta.get_field(name), term, admin_site)
        if part is not None:
            found = part if found is None else found | part
    return found


def _of_column(field: Any, term: str, admin_site: Any) -> Q | None:
    if isinstance(field, models.ForeignKey):
        return _of_target(field, term, admin_site)
    if isinstance(field, models.UUIDField):
        return Q(**{field.name: uuid.UUID(term)}) if _UUID.fullmatch(term) else None
    if isinstance(field, models.IntegerField):
        if not (term.isascii() and term.isdigit()) or int(term) > _LARGEST_BIGINT:
            return None
        return Q(**{field.name: int(term)})
    return Q(**{field.name: term})


def _of_target(field: Any, term: str, admin_site: Any) -> Q | None:
    """The keys first, by a query of their own: an OR over a join would use no index."""
    target: Any = field.remote_field.model
    admin = admin_site._registry.get(target)
    columns = tuple(
        name
        for name in getattr(admin, "search_by", ())
        if not isinstance(target._meta.get_field(name), models.ForeignKey)
    )
    condition = _condition(target, term, search_by=columns, admin_site=admin_site)
    if condition is None:
        return None
    keys = list(target._default_manager.filter(condition).values_list("pk", flat=True)[:100])
    return Q(**{f"{field.name}__in": keys}) if keys else None
