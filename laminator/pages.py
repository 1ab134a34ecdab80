"""The plain page at `/`, and the files of the back office's look."""

from django.contrib.staticfiles.views import serve
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

_A_DAY = 86_400


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this desk is and where its doors are; needs no database."""
    return render(request, "laminator/landing.html")


@require_safe
def static_file(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of an app's static folder, where no web server stands before us to give it out."""
    response = serve(request, path, insecure=True)
    response["Cache-Control"] = f"public, max-age={_A_DAY}"
    return response
