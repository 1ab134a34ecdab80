"""HTML of messages into plain text and entities, by Telegram's rules and with its refusals."""

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import ApiError, bad_request

Entity = dict[str, Any]

MAX_TEXT_CHARACTERS = 4096
MAX_CAPTION_CHARACTERS = 1024

_ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "blockquote": "blockquote",
}
_NAMED_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
# Longest first: a command inside a URL belongs to the URL.
_AUTOMATIC = re.compile(
    r"(?P<email>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'])"
    r"|(?<![\w/@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d_]\w*)"
    r"|(?<!\w)(?P<cashtag>\$[A-Z]{1,8})\b"
)


def utf16_length(text: str) -> int:
    """The length in UTF-16 units, which is how Telegram counts entity offsets."""
    return len(text) + sum(character > "\uffff" for character in text)


class _HtmlReader:
    """One pass over the source; positions in error messages are UTF-8 byte offsets."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.pieces: list[str] = []
        self.length = 0
        self.open_tags: list[tuple[str, dict[str, str], int]] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        while self.position < len(self.source):
            character = self.source[self.position]
            if character == "<":
                if self.source.startswith("</", self.position):
                    self._end_tag()
                else:
                    self._start_tag()
            elif character == "&":
                self._append(self._reference())
            else:
                self._append(character)
                self.position += 1
        if self.open_tags:
            name = self.open_tags[-1][0]
            raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{name}"')
        return "".join(self.pieces), self.entities

    def _append(self, text: str) -> None:
        self.pieces.append(text)
        self.length += utf16_length(text)

    def _offset(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _reference(self) -> str:
        found = _REFERENCE.match(self.source, self.position)
        if found is None:
            self.position += 1
            return "&"
        decimal, hexadecimal, name = found.groups()
        self.position = found.end()
        if name:
            return _NAMED_REFERENCES[name]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if not 0 < code < 0x10FFFF or 0xD800 <= code < 0xE000:
            return found.group()
        return chr(code)

    def _start_tag(self) -> None:
        begin = self.position
        at = self._offset(begin)
        found = re.compile(r"[^\s>]*").match(self.source, begin + 1)
        assert found is not None
        name = found.group().lower()
        self.position = found.end()
        if self.position >= len(self.source):
            raise _cannot_parse(f"Unclosed start tag at byte offset {at}")
        if name not in _ENTITY_OF_TAG:
            raise _cannot_parse(f'Unsupported start tag "{name}" at byte offset {at}')
        attributes = self._attributes(name, at)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self.open_tags.append((name, attributes, self.length))

    def _attributes(self, tag: str, at: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self.position >= len(self.source):
                raise _cannot_parse(f"Unclosed start tag at byte offset {at}")
            if self.source[self.position] == ">":
                self.position += 1
                return attributes
            found = re.compile(r"[^\s=>]*").match(self.source, self.position)
            assert found is not None
            name = found.group().lower()
            if not name:
                raise _cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
            self.position = found.end()
            self._skip_space()
            if not self.source.startswith("=", self.position):
                if tag == "blockquote" and name == "expandable":
                    attributes[name] = ""
                    continue
                raise _cannot_parse(
                    "Expected equal sign in declaration of an attribute of the tag "
                    f'"{tag}" at byte offset {at}'
                )
            self.position += 1
            self._skip_space()
            attributes[name] = self._attribute_value(at)

    def _attribute_value(self, at: int) -> str:
        quote = self.source[self.position : self.position + 1]
        if quote not in ("'", '"'):
            found = re.compile(r"[A-Za-z0-9.-]*").match(self.source, self.position)
            assert found is not None
            self.position = found.end()
            following = self.source[self.position : self.position + 1]
            if not following.isspace() and following != ">":
                raise _cannot_parse(
                    f"Unexpected end of name token at byte offset {self._offset(self.position)}"
                )
            return found.group().lower()
        self.position += 1
        value = ""
        while self.position < len(self.source) and self.source[self.position] != quote:
            if self.source[self.position] == "&":
                value += self._reference()
            else:
                value += self.source[self.position]
                self.position += 1
        if self.position >= len(self.source):
            raise _cannot_parse(f"Unclosed start tag at byte offset {at}")
        self.position += 1
        return value

    def _end_tag(self) -> None:
        begin = self.position
        at = self._offset(begin)
        if not self.open_tags:
            raise _cannot_parse(f"Unexpected end tag at byte offset {at}")
        found = re.compile(r"[^\s>]*").match(self.source, begin + 2)
        assert found is not None
        self.position = found.end()
        self._skip_space()
        if not self.source.startswith(">", self.position):
            raise _cannot_parse(f"Unclosed end tag at byte offset {at}")
        self.position += 1
        name, attributes, start = self.open_tags.pop()
        given = found.group().lower()
        if given and given != name:
            raise _cannot_parse(
                f'Unmatched end tag at byte offset {at}, expected "</{name}>", found "</{given}>"'
            )
        if self.length > start:
            self._add_entity(name, attributes, start)

    def _add_entity(self, name: str, attributes: dict[str, str], start: int) -> None:
        entity: Entity = {
            "type": _ENTITY_OF_TAG[name],
            "offset": start,
            "length": self.length - start,
        }
        if name == "a":
            target = attributes.get("href") or _slice_utf16(
                "".join(self.pieces), start, self.length - start
            )
            if not is_link(target):
                return
            entity["url"] = target
        elif name == "code" and attributes.get("class", "").startswith("language-"):
            entity["language"] = attributes["class"].removeprefix("language-")
        elif name == "pre":
            self._take_language_of_inner_code(entity)
        elif name == "tg-emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        elif name == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)

    def _take_language_of_inner_code(self, entity: Entity) -> None:
        inner = self.entities[-1] if self.entities else None
        same = inner is not None and all(inner[key] == entity[key] for key in ("offset", "length"))
        if inner is not None and same and inner["type"] == "code":
            self.entities.pop()
            if "language" in inner:
                entity["language"] = inner["language"]

    def _skip_space(self) -> None:
        while self.position < len(self.source) and self.source[self.position].isspace():
            self.position += 1


def _cannot_parse(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _slice_utf16(text: str, offset: int, length: int) -> str:
    units = text.encode("utf-16-le")
    return units[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def is_link(target: str) -> bool:
    """Whether Telegram would make a link of it: http(s) with a dotted host, tg: or mailto-like."""
    parts = urlsplit(target if "://" in target else f"http://{target}")
    if parts.scheme in ("tg", "ton"):
        return True
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and "." in host and not re.search(r"\s", target)


def parse_formatted(text: str, parse_mode: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Plain text and its entities, trimmed as Telegram trims, links and commands found.

    Only HTML is emulated; another parse mode is refused as an unsupported one.
    """
    if parse_mode:
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")
        text, entities = _HtmlReader(text).read()
    elif not all(_is_entity(entity) for entity in entities):
        raise bad_request("can't parse MessageEntity: type, offset and length are needed")
    text, entities = _trimmed(text, entities)
    # Telegram itself drops the `language` of inline code, which only `pre` may have.
    for entity in entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return text, _ordered(entities + _automatic_entities(text, entities))


def _is_entity(given: object) -> bool:
    if not isinstance(given, dict) or not isinstance(given.get("type"), str):
        return False
    return all(isinstance(given.get(name), int) for name in ("offset", "length"))


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    without_start = text.lstrip()
    cut = utf16_length(text) - utf16_length(without_start)
    kept_text = without_start.rstrip()
    end = utf16_length(kept_text)
    kept: list[Entity] = []
    for entity in entities:
        first = max(int(entity["offset"]) - cut, 0)
        last = min(int(entity["offset"]) + int(entity["length"]) - cut, end)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return kept_text, kept


def _automatic_entities(text: str, given: list[Entity]) -> list[Entity]:
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in given
        if entity["type"] in ("code", "pre", "text_link")
    ]
    found: list[Entity] = []
    for match in _AUTOMATIC.finditer(text):
        offset = utf16_length(text[: match.start()])
        length = utf16_length(match.group())
        if any(offset < last and offset + length > first for first, last in taken):
            continue
        kind = str(match.lastgroup)
        if kind == "url" and not is_link(match.group()):
            continue
        found.append({"type": kind, "offset": offset, "length": length})
    return found


def _ordered(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
