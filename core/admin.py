"""The back office's base: facts are looked at; the few things that staff may change are named."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.filters import SimpleListFilter
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from unfold.admin import ModelAdmin
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin_columns import NOTHING, show_field
from core.admin_lists import WindowChangeList, search_exactly
from core.errors import DeskError
from core.models import Job

_RELATED_ROWS = 10
_NEVER_SHOWN = frozenset({"password", "raw", "observed_hash", "shown_hash"})


class Section(NamedTuple):
    """Some rows that belong to the one on the page."""

    title: str
    headers: list[str]
    rows: list[list[Any]]
    link: str | None


class ReasonForm(ActionForm):
    """What staff do, and why: the words go into the row and into the log."""

    reason = forms.CharField(
        required=False, max_length=200, label="", widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": "Reason", "aria-label": "Reason"}
        )
    )  # fmt: skip


def each_apart(
    page: "FactAdmin", request: HttpRequest, rows: "QuerySet[Any]", act: Callable[[Any], None]
) -> None:
    """Act on each of the rows that were ticked; what is refused is told, and keeps no other."""
    for row in rows:
        try:
            with transaction.atomic():
                act(row)
        except DeskError as error:
            said = import_string(settings.ERROR_SENTENCE)(error)
            page.message_user(request, f"{row}: {said} ({error.code})", messages.ERROR)
        else:
            page.message_user(request, f"{row}: done", messages.SUCCESS)


class FactAdmin(ModelAdmin):
    """Rows that tell what happened: to be found and read, never added, changed or deleted.

    `list_display` and the page name plain columns; how each is shown follows from its type.
    `search_by` are the columns that the search box looks in, exactly, by their indexes.
    """

    search_by: ClassVar[tuple[str, ...]] = ("id",)
    # Columns that an admin (no other role) may change.
    editable: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[frozenset[str]] = frozenset()
    actions: Any = ()
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by: Any = ()
    list_filter_submit = False
    list_fullwidth = True
    change_form_outer_after_template = "desk_admin/sections.html"
    list_before_template = "desk_admin/style.html"
    empty_value_display = NOTHING
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminTextInputWidget}}

    def __init__(self, model: type[models.Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        for field in model._meta.concrete_fields:
            setattr(self, f"list_{field.name}_", show_field(field, whole=False))
            setattr(self, f"page_{field.name}_", show_field(field, whole=True))

    # What may be done.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.editable) and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what was changed alone: the rest of the row may have moved on meanwhile."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        names = [name for name in form.changed_data if name in self.editable]
        if any(field.name == "updated_at" for field in self.model._meta.concrete_fields):
            names.append("updated_at")
        obj.save(update_fields=names)

    # Lists.

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return [_named(self, "list", name) for name in super().get_list_display(request)]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[WindowChangeList]:
        return WindowChangeList

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:
        return self.search_by

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        if not search_term:
            return queryset, False
        found = search_exactly(
            queryset, search_term, search_by=self.search_by, admin_site=self.admin_site
        )
        return found, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what a filter or a link of ours asks: else a column could be guessed bit by bit."""
        names = {getattr(each, "parameter_name", each) for each in self.list_filter}
        first, _, rest = lookup.partition("__")
        if first in names:
            return True
        field = next((each for each in self.model._meta.fields if each.name == first), None)
        if isinstance(field, models.ForeignKey | models.UUIDField):
            return rest in ("", "exact", "id__exact")
        return False

    # The page of one row.

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        may_change = obj is None or self.has_change_permission(request, obj)
        fields = [
            field
            for field in self.model._meta.concrete_fields
            if field.name not in _NEVER_SHOWN | self.hidden
        ]
        # What takes a line of its own comes last.
        fields.sort(key=lambda field: (not field.primary_key, isinstance(field, models.JSONField)))
        return [
            field.name if may_change and field.name in self.editable else f"page_{field.name}_"
            for field in fields
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Two columns to a line; what is long has a line to itself."""
        fields = self.get_fields(request, obj)
        long = {
            f"page_{field.name}_"
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.JSONField)
        }
        short = [name for name in fields if name not in long]
        lines: list[Any] = [tuple(short[at : at + 2]) for at in range(0, len(short), 2)]
        lines += [name for name in fields if name in long]
        return [(None, {"fields": lines})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.get_fields(request, obj) if name.startswith("page_")]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        queryset: QuerySet[Any] = super().get_queryset(request)
        shown = {
            field.name
            for field in self.model._meta.concrete_fields
            if isinstance(field, models.BinaryField)
        }
        return queryset.defer(*shown) if shown else queryset

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            names = [
                field.name
                for field in self.model._meta.fields
                if isinstance(field, models.ForeignKey)
            ]
            models.prefetch_related_objects([found], *names)
        return found

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if request.method == "GET" else None
        sections = [] if row is None else self.sections(request, row)
        context = (extra_context or {}) | {"desk_sections": sections}
        page: HttpResponse = super().change_view(request, object_id, form_url, context)
        return page

    def sections(self, request: HttpRequest, row: Any) -> list[Section]:
        """What belongs to the row, by the registry ADMIN_RELATED, and what was done to it."""
        label = self.model._meta.label
        wanted = [
            self._section(request, row, *each) for each in settings.ADMIN_RELATED.get(label, ())
        ]
        if label in settings.AUDITED_MODELS:
            wanted.append(self._timeline(request, row))
        return [section for section in wanted if section is not None]

    def _section(
        self, request: HttpRequest, row: Any, label: str, lookup: str, via: str = ""
    ) -> Section | None:
        model: Any = apps.get_model(label)
        target = self.admin_site._registry.get(model)
        if not isinstance(target, FactAdmin):
            return None
        value: Any = row.pk
        if via:
            through, _, column = via.rpartition(".")
            through_model: Any = apps.get_model(through)
            value = list(
                through_model._default_manager.filter(**{column: row.pk})
                .values_list("pk", flat=True)[:100]
            )  # fmt: skip
        title = capfirst(str(model._meta.verbose_name_plural))
        plain_lookup = not via and "__" not in lookup
        query = f"{lookup}__exact={row.pk}" if plain_lookup else None
        return target.as_section(request, title, {lookup: value}, query)

    def _timeline(self, request: HttpRequest, row: Any) -> Section | None:
        model: Any = apps.get_model("audit.AuditLog")
        target = self.admin_site._registry.get(model)
        if not isinstance(target, FactAdmin):
            return None
        where = {"resource_type": self.model._meta.db_table, "resource_id": str(row.pk)}
        return target.as_section(request, "What was done to this", where, None)

    def as_section(
        self, request: HttpRequest, title: str, where: dict[str, Any], query: str | None
    ) -> Section:
        """The newest rows of this list that meet a condition, as a table of another page."""
        # The column by which the rows belong to the page says the same on every line.
        known = {f"list_{lookup.partition('__')[0]}_" for lookup in where}
        columns = [
            getattr(self, name) for name in self.get_list_display(request) if name not in known
        ]
        key = self.model._meta.pk.name
        queryset = self.get_queryset(request).filter(**where).order_by(f"-{key}")
        if isinstance(self.list_select_related, tuple | list):
            queryset = queryset.select_related(*self.list_select_related)
        rows = list(queryset[:_RELATED_ROWS])
        meta = self.model._meta
        base = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        return Section(
            title=title,
            headers=[getattr(column, "short_description", "") for column in columns],
            rows=[
                [
                    reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]),
                    *(column(row) for column in columns),
                ]
                for row in rows
            ],
            link=f"{base}?{query}" if query and len(rows) == _RELATED_ROWS else None,
        )


def _named(model_admin: ModelAdmin, where: str, name: str) -> str:
    return f"{where}_{name}_" if hasattr(model_admin, f"{where}_{name}_") else name


class DeploymentFilter(SimpleListFilter):
    """By venue deployment, from the settings: the table itself is not asked which there are."""

    title = "deployment"
    parameter_name = "deployment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in (*settings.VENUES, *settings.READ_ONLY_VENUES)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(deployment=self.value()) if self.value() else queryset


class DexFilter(DeploymentFilter):
    """The same where the column is called `dex_name`."""

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.filter(dex_name=self.value()) if self.value() else queryset


class OpenFilter(SimpleListFilter):
    """By whether a moment is set: what is still open, what has ended."""

    title = "state"
    parameter_name = "ended"
    column: ClassVar[str] = "ended_at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "open"), ("yes", "ended")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(**{f"{self.column}__isnull": self.value() == "no"})


@admin.register(Job)
class JobAdmin(FactAdmin):
    list_display = (
        "name", "started_at", "finished_at", "lag_seconds", "runs", "failures", "last_error",
    )  # fmt: skip
    search_by = ("name",)
