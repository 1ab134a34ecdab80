"""A call's parameters, whether they came as JSON, as a form, in a multipart body or in the URL."""

import json
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web
from multidict import MultiDictProxy

from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.files import Upload

MAX_BODY_BYTES = 52 * 1024 * 1024


class Parameters:
    """Typed access to what a method was given; a value of the wrong type is refused."""

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload] | None = None) -> None:
        self._values = values
        self._uploads = uploads or {}

    def raw(self, name: str) -> Any:
        return self._values.get(name)

    def text(self, name: str) -> str:
        """A string, empty when it was not given."""
        value = self._values.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, bool | dict | list):
            raise bad_request(f'field "{name}" must be of type String')
        return str(value)

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def integer(self, name: str, *, default: int | None = None) -> int:
        """An integer; without one and without a default the parameter is refused as missing."""
        value = self._values.get(name)
        if value is None or value == "":
            if default is None:
                raise bad_request(f'parameter "{name}" is required')
            return default
        try:
            return int(str(value))
        except ValueError:
            raise bad_request(f'field "{name}" must be a valid Number') from None

    def boolean(self, name: str) -> bool:
        return str(self._values.get(name, "")).lower() in ("true", "1", "yes", "y", "t")

    def document(self, name: str) -> Any:
        """A JSON document, which forms carry as text; None when it was not given."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None

    def array(self, name: str) -> list[Any]:
        """A JSON array, empty when it was not given."""
        value = self.document(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise bad_request(f"expected an Array in {name}")
        return value

    def upload(self, name: str) -> Upload | None:
        """A file sent under this name, or attached under the one it refers to."""
        return self._uploads.get(name) or self.attached(self.text(name))

    def attached(self, reference: str) -> Upload | None:
        """The file that an `attach://name` refers to; None for any other reference."""
        if not reference.startswith("attach://"):
            return None
        upload = self._uploads.get(reference.removeprefix("attach://"))
        if upload is None:
            raise bad_request("can't find the attached file")
        return upload

    def as_json(self) -> dict[str, Any]:
        """For the log of calls: files are shown by name and size."""
        files = {
            name: f"<file {upload.name}, {len(upload.content)} bytes>"
            for name, upload in self._uploads.items()
        }
        return {**self._values, **files}


async def read_parameters(request: web.Request) -> Parameters:
    """The parameters of a request; those of the body win over those of the URL."""
    values: dict[str, Any] = dict(request.query)
    if request.method != "POST" or not request.can_read_body:
        return Parameters(values)
    if request.content_type == "application/json":
        values.update(parse_json_object(await request.read()))
        return Parameters(values)
    if request.content_type.startswith("multipart/"):
        uploads = await read_multipart(await request.multipart(), values)
        return Parameters(values, uploads)
    form: MultiDictProxy[Any] = await request.post()
    values.update(form)
    return Parameters(values)


def parse_json_object(body: bytes) -> dict[str, Any]:
    """The object in a JSON body, or Telegram's refusal of the body."""
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise bad_request("can't parse JSON object")
    return document


async def read_multipart(reader: MultipartReader, values: dict[str, Any]) -> dict[str, Upload]:
    """Adds the text parts to `values`; gives the files by part name."""
    uploads: dict[str, Upload] = {}
    total = 0
    async for part in reader:
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read(decode=True))
        total += len(content)
        if total > MAX_BODY_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        if part.filename is None:
            values[part.name] = content.decode("utf-8", "replace")
        else:
            media_type = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, media_type, content)
    return uploads
