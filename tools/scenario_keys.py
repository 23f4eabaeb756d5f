#!/usr/bin/env python3
"""Makes docs/scenario_keys.md, the table of all keys of scenario files, from the JSON Schema: paracrine schema | tools/scenario_keys.py > docs/scenario_keys.md"""

import json
import sys


def kind(key):
    """What may be written, in a few words."""
    if "enum" in key:
        return " or ".join(f"`{value}`" for value in key["enum"])
    if "anyOf" in key or "oneOf" in key:
        return " or ".join(dict.fromkeys(kind(choice) for choice in key.get("anyOf") or key["oneOf"]))
    if key.get("type") == "array":
        items = key.get("items", {})
        return "list of " + (
            " or ".join(f"`{value}`" for value in items["enum"]) if "enum" in items else "texts"
        )
    if "pattern" in key:
        return "quantity"
    return {"string": "text", "boolean": "true or false", "number": "number", "integer": "whole number"}.get(
        key.get("type"), str(key.get("type"))
    )


def table(keys, required):
    lines = ["| key | what | meaning |", "|---|---|---|"]
    for name, key in keys.items():
        must = " (required)" if name in required else ""
        lines.append(f"| `{name}`{must} | {kind(key)} | {key.get('description', '')} |")
    return lines


def tables(owner, path, level):
    """Sections of the tables below a table, in order."""
    lines = []
    for name, key in owner["properties"].items():
        inner = key if "properties" in key else key.get("items", {})
        if "properties" not in inner or not inner["properties"]:
            continue
        full = f"{path}.{name}" if path else name
        heading = f"[[{full}]]" if key.get("type") == "array" else f"[{full}]"
        if full == "parameters":
            continue
        plain = {
            n: k
            for n, k in inner["properties"].items()
            if "properties" not in k and "properties" not in k.get("items", {})
        }
        lines += [
            "",
            f"{'#' * level} `{heading}`",
            "",
            key.get("description", ""),
            "",
            *table(plain, inner.get("required", [])),
        ]
        lines += tables(inner, full, level)
    return lines


def page(schema):
    lines = [
        "# Keys of scenario files",
        "",
        "Made from the program by `paracrine schema | tools/scenario_keys.py`. How quantities, lists, includes and overrides are written: [scenario_format.md](scenario_format.md).",
        "Parameters for `[parameters]`: [parameters.md](parameters.md).",
    ]
    for model in schema["definitions"].values():
        name = model["properties"]["model"]["enum"][0]
        plain = {
            n: k
            for n, k in model["properties"].items()
            if "properties" not in k and "properties" not in k.get("items", {}) and n != "parameters"
        }
        lines += [
            "",
            f'## model = "{name}"',
            "",
            *table(plain, model.get("required", [])),
            *tables(model, "", 3),
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(json.load(sys.stdin)))
