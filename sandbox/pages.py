"""The look of the sandbox's own pages."""

from __future__ import annotations

from html import escape

from aiohttp import web

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667080; --paper: #f6f7f9; --card: #fff;
  --line: #e3e6ea; --accent: #6b4eff; --good: #13795b; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #9aa4b2; --paper: #14171b;
  --card: #1d2127; --line: #2c323a; --accent: #a594ff; --good: #4cc38a; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
.band { background: repeating-linear-gradient(45deg, #ffd84d 0 14px, #ffcf1f 14px 28px);
  color: #3a2d00; font-weight: 700; text-align: center; padding: .35rem; letter-spacing: .04em; }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.35rem; margin: .6rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .6rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1rem; margin-bottom: 1rem; }
dl { display: grid; grid-template-columns: minmax(6rem, auto) 1fr; gap: .35rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
td, th { text-align: left; padding: .4rem .3rem; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; vertical-align: top; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; font: .8rem/1.5 ui-monospace, monospace; margin: 0; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
code { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
.soft { color: var(--soft); }
form { display: flex; gap: .5rem; flex-wrap: wrap; }
input { flex: 1 1 14rem; font: inherit; padding: .5rem .7rem; border: 1px solid var(--line);
  border-radius: 8px; background: var(--paper); color: inherit; }
button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: 8px;
  background: var(--accent); color: var(--card); font-weight: 600; }
"""


def page(title: str, *sections: str, status: int = 200) -> web.Response:
    """A whole page out of sections that are HTML already."""
    body = "".join(f"<section>{section}</section>" for section in sections)
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · SANDBOX</title><style>{STYLE}</style></head><body>"
        '<div class="band">SANDBOX · nothing here is real money</div>'
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return web.Response(text=text, content_type="text/html", status=status)


def facts(*pairs: tuple[str, str]) -> str:
    """A list of names and values; the values are HTML already."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in pairs)
    return f"<dl>{rows}</dl>"


def link(url: str, text: str) -> str:
    """A link to a place within the same site."""
    return f'<a href="{escape(url)}"><code>{escape(text)}</code></a>'
