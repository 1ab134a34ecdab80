"""Files that were uploaded: kept whole, addressed as Telegram addresses them."""

import base64
import hashlib
import struct
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import ApiError, bad_request

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
FILES_KEPT = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in a multipart call."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that has an id by which it can be sent again."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    media_type: str
    content: bytes
    width: int = 0
    height: int = 0

    @property
    def path(self) -> str:
        """Where it is downloaded, below /file/bot<token>/."""
        return f"{self.kind}s/{self.unique_id}/{self.name}"

    def as_document(self) -> dict[str, Any]:
        return {
            "file_name": self.name,
            "mime_type": self.media_type,
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }

    def as_photo(self) -> list[dict[str, Any]]:
        return [
            {
                "file_id": self.file_id,
                "file_unique_id": self.unique_id,
                "file_size": len(self.content),
                "width": self.width,
                "height": self.height,
            }
        ]


class FileStore:
    """The newest files by their file_id; a new upload of the same bytes is a new file."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._uploads = 0

    def add(self, upload: Upload, *, kind: str) -> StoredFile:
        """Keep an upload as a `photo` or a `document`, or refuse it as Telegram would."""
        width = height = 0
        if kind == "photo":
            width, height = _checked_dimensions(upload.content)
        if not upload.content:
            raise bad_request("file must be non-empty")
        if len(upload.content) > MAX_UPLOAD_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        digest = hashlib.sha256(f"{self._uploads}:{kind}".encode() + upload.content).digest()
        unique = base64.urlsafe_b64encode(digest[:12]).decode()
        prefix = "AgACAgIAAxk" if kind == "photo" else "BQACAgIAAxk"
        stored = StoredFile(
            file_id=prefix + base64.urlsafe_b64encode(digest).decode().rstrip("="),
            unique_id=unique,
            kind=kind,
            name=_safe_name(upload.name),
            media_type=upload.media_type or "application/octet-stream",
            content=upload.content,
            width=width,
            height=height,
        )
        self._files[stored.file_id] = stored
        self._uploads += 1
        if len(self._files) > FILES_KEPT:
            del self._files[next(iter(self._files))]
        return stored

    def get(self, file_id: str, *, kind: str | None = None) -> StoredFile:
        """The file sent again by its id, which must be of the same kind."""
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if kind is not None and stored.kind != kind:
            raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
        return stored

    def by_unique_id(self, unique_id: str) -> StoredFile | None:
        """The file that a download path names."""
        for stored in self._files.values():
            if stored.unique_id == unique_id:
                return stored
        return None

    def snapshot(self) -> dict[str, Any]:
        files = [
            {
                "file_id": stored.file_id,
                "unique_id": stored.unique_id,
                "kind": stored.kind,
                "name": stored.name,
                "media_type": stored.media_type,
                "content": base64.b64encode(stored.content).decode(),
                "width": stored.width,
                "height": stored.height,
            }
            for stored in self._files.values()
        ]
        return {"uploads": self._uploads, "files": files}

    def restore(self, saved: dict[str, Any]) -> None:
        self._uploads = saved["uploads"]
        self._files = {
            item["file_id"]: StoredFile(**{**item, "content": base64.b64decode(item["content"])})
            for item in saved["files"]
        }


def _safe_name(name: str) -> str:
    kept = "".join(c if c.isalnum() or c in "._- " else "_" for c in name.strip())
    return kept.lstrip(".")[:60] or "file"


def _checked_dimensions(content: bytes) -> tuple[int, int]:
    if len(content) > MAX_PHOTO_BYTES:
        raise bad_request("file is too big")
    size = image_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if min(size) < 1 or width + height > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, JPEG or WebP; None for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return struct.unpack("<HH", content[6:10])
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[8:15] == b"WEBPVP8" and len(content) >= 30:
        return _webp_size(content)
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    kind = content[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        return width, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    bits = int.from_bytes(content[21:25], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
