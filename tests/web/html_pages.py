"""Parses a page for what the tests check."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

LOADING_ATTRIBUTES = {"src", "href", "action", "poster", "data", "srcset", "formaction"}


@dataclass
class ParsedPage:
    ids: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    landmarks: list[str] = field(default_factory=list)
    inline_scripts: list[str] = field(default_factory=list)
    inline_styles: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def external_addresses(self) -> list[str]:
        """Addresses outside our own origin."""
        return [
            address
            for address in self.addresses
            if address.startswith(("http:", "https:", "//", "ws:", "wss:"))
        ]


class _PageParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = ParsedPage()
        self.labels: set[str] = set()
        self.fields: list[tuple[str, str]] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        page = self.page
        if "id" in attributes:
            page.ids.append(attributes["id"])
        page.addresses += [value for name, value in attributes.items() if name in LOADING_ATTRIBUTES]
        page.inline_styles += [value for name, value in attributes.items() if name == "style"]
        page.inline_scripts += [name for name in attributes if name.startswith("on")]
        if tag == "style":
            page.inline_styles.append("<style>")
        if tag == "script" and "src" not in attributes and attributes.get("type") != "application/json":
            page.inline_scripts.append("<script>")
        if tag in {"header", "nav", "main", "footer", "aside"}:
            page.landmarks.append(tag)
        if tag == "label":
            self.labels.add(attributes.get("for", ""))
        if tag in {"input", "select", "textarea"} and attributes.get("type") not in {"hidden", "submit"}:
            self.fields.append((attributes.get("id", ""), attributes.get("name", "")))
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" in self.inside or "style" in self.inside:
            return
        self.page.text += f" {' '.join(data.split())}"
        if "h1" in self.inside and data.strip():
            self.page.headings.append(data.strip())


def parse_page(content: bytes) -> ParsedPage:
    reader = _PageParser()
    reader.feed(content.decode())
    reader.close()
    page = reader.page
    page.text = " ".join(page.text.split())
    page.unlabelled = [name for key, name in reader.fields if key not in reader.labels]
    return page
