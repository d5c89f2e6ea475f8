"""Puts the catalogues' texts in place of the English ones in the OpenAPI document.

A text is only ever replaced: what English does not say, Vietnamese does not say either. What is
missing stays English, and a contract test fails for it.
"""

from typing import Any

from app.core.languages import Catalogue
from app.core.openapi_operations import operations


def translate(described: dict[str, Any], texts: Catalogue) -> None:
    _say(described["info"], texts["document"])
    for tag in described["tags"]:
        _say(tag, texts["tags"], tag["name"])
    for _, operation in operations(described):
        _translate_operation(operation, texts)
    components = described["components"]
    for name, schema in components["schemas"].items():
        _say(schema, texts["schemas"], name)
        for field, field_schema in schema.get("properties", {}).items():
            _say(field_schema, texts["fields"], field, name)
    for name, scheme in components["securitySchemes"].items():
        _say(scheme, texts["document"], name)
        for flow in scheme.get("flows", {}).values():
            for scope, words in flow["scopes"].items():
                flow["scopes"][scope] = texts["scopes"].get(scope, words)


def _translate_operation(operation: dict[str, Any], texts: Catalogue) -> None:
    id = operation["operationId"]
    said = texts["operations"].get(id, {})
    operation.update({key: text for key, text in said.items() if operation.get(key)})
    for parameter in operation.get("parameters", []):
        _say(parameter, texts["parameters"], parameter["name"], id)
    for status, response in operation["responses"].items():
        _say(response, texts["responses"], status, id)
        for name, header in response.get("headers", {}).items():
            _say(header, texts["headers"], name)


def _say(
    target: dict[str, Any], texts: dict[str, Any], name: str = "description", owner: str = ""
) -> None:
    """The owner's own text if there is one, else the one for all."""
    text = texts.get(owner, {}).get(name) or texts.get(name)
    if "description" in target and isinstance(text, str):
        target["description"] = text
