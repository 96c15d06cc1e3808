"""What is wrong with the HTML of a letter, as whoever reads it distrusts it."""

from __future__ import annotations

from html.parser import HTMLParser

#: tag -> the attributes it may bear: nothing is fetched, nothing runs, nothing depends on a style
_ALLOWED = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset"},
    "title": set(),
    "body": set(),
    "p": set(),
    "br": set(),
    "a": {"href"},
    "bdi": set(),
}
_ALONE = {"meta", "br"}
_BETWEEN = {"p": "\n\n", "br": "\n"}


class _Page(HTMLParser):
    """Reads strictly what browsers would put up with."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.language: str | None = None
        self.title, self.said = "", ""
        self.left_open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults += [f"<{tag} {name}>" for name, _ in attrs if name not in _ALLOWED.get(tag, set())]
        if tag not in _ALLOWED:
            self.faults.append(f"<{tag}>")
        if tag == "html":
            self.language = dict(attrs).get("lang")
        self.faults += [value or "" for name, value in attrs if name == "href" and not _is_web(value)]
        if tag not in _ALONE:
            self.left_open.append(tag)
        self.said += _BETWEEN.get(tag, "")

    def handle_endtag(self, tag: str) -> None:
        if not self.left_open or self.left_open.pop() != tag:
            self.faults.append(f"</{tag}> without its beginning")

    def handle_data(self, data: str) -> None:
        if "title" in self.left_open:
            self.title += data
        elif "p" in self.left_open:
            self.said += data.replace("\n", "")
        elif data.strip():
            self.faults.append(f"outside of any paragraph: {data}")


def html_faults(html: str, *, subject: str, text: str, tag: str) -> list[str]:
    """Return what is wrong, beside it that the HTML says anything else than the text."""
    page = _Page()
    page.feed(html)
    page.close()
    faults = [*page.faults, *(f"<{tag}> without its end" for tag in page.left_open)]
    if page.language != tag:
        faults.append(f"the HTML is said to be in {page.language}")
    if _said(page.title) != _said(subject):
        faults.append(f"the title is {page.title!r}")
    if _said(page.said) != _said(text):
        faults.append(f"the HTML says {page.said!r}")
    return faults


def _is_web(address: str | None) -> bool:
    return (address or "").startswith(("https://", "http://"))


def _said(text: str) -> list[str]:
    """Return the lines of a text; how many empty ones stand between them says nothing."""
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]
