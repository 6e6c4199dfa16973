"""The committed OpenAPI document, read once for all tests of the schema."""

from pathlib import Path
from typing import Any

import yaml

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
METHODS = {"get", "put", "post", "patch", "delete"}
document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
operations = {
    operation["operationId"]: (path, method)
    for path, item in document["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}


def read_operation(name: str) -> dict[str, Any]:
    path, method = operations[name]
    operation: dict[str, Any] = document["paths"][path][method]
    return operation
