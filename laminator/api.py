"""The desk itself over REST: its version, how it fares, its schema and the pages that show it."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.rendering import Json
from core.rest.views import DeskView
from laminator import readiness
from laminator.health import database_probe


class VersionSerializer(serializers.Serializer[Any]):
    """Which desk this is."""

    name = serializers.CharField()
    version = serializers.CharField()
    api = serializers.CharField()
    time = serializers.DateTimeField(help_text="The desk's clock.")


class StatusSerializer(serializers.Serializer[Any]):
    """Whether the desk lives: each thing that it needs, by name."""

    status = serializers.ChoiceField(choices=("ready", "not_ready"))
    database = serializers.BooleanField()
    checks = serializers.DictField(child=serializers.BooleanField())


class VersionView(DeskView):
    @extend_schema(operation_id="readVersion", responses=VersionSerializer)
    def get(self, request: Request) -> Response:
        """Which desk this is. Needs no key."""
        return Response(
            {"name": "Laminator", "version": _version(), "api": "v1", "time": self.now()}
        )


class StatusView(DeskView):
    @extend_schema(operation_id="readStatus", responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        """How the desk fares: what it needs, and whether each answers. Needs no key."""
        found = readiness.report()
        return Response(
            {
                "status": "ready" if found.ok else "not_ready",
                "database": database_probe.failure() is None,
                # What is wrong with each is for staff: it may name addresses.
                "checks": {check.name: check.ok for check in found.checks},
            }
        )


class SchemaView(DeskView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The OpenAPI description, made once a process."""
        return Response(Json(_schema()))


@cache
def _schema() -> bytes:
    made = SchemaGenerator().get_schema(  # type: ignore[no-untyped-call]
        request=None, public=True
    )
    return orjson.dumps(made, default=str)


class SwaggerView(SpectacularSwaggerView):
    """The description as a page to try it out on."""

    content_negotiation_class = DefaultContentNegotiation


class RedocView(SpectacularRedocView):
    """The description as a page to read."""

    content_negotiation_class = DefaultContentNegotiation


def _version() -> str:
    try:
        return version("laminator")
    except PackageNotFoundError:
        return "0.1.0"
