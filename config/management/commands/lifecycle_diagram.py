import re
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from stories import lifecycle

MERMAID_BLOCK = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)


class Command(BaseCommand):
    help = "Updates the Mermaid state diagram of the story lifecycle in a document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("document", type=Path)

    def handle(self, *_args: object, document: Path, **_options: object) -> None:
        document.write_text(MERMAID_BLOCK.sub(lifecycle.mermaid_state_diagram(), document.read_text()))
