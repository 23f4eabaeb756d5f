"""How messages on scenarios of the delivery model look, for the tests of their exact words."""

import re

HEAD = 'model = "delivery"\ntime.duration = "2 d"\n\n[[therapy]]\nat = "0 d"\n'  # the next line is the sixth

MSC, EV = 'product = "msc"\n', 'product = "ev"\n'
MEDIUM, BEADS, COLLOID = (
    'product = "conditioned_medium"\n',
    'product = "particle"\ndiameter = "10 um"\n',
    'product = "colloid"\n',
)


def excerpt(line, text, marked):
    """The marked line, as a message shows it."""
    return f"  {line} | {text}\n    | {' ' * text.index(marked)}{'^' * len(marked)}\n"


def problem(line, text, marked, message, hint=None):
    return (
        f"x.toml:{line}:{text.index(marked) + 1}: {message}\n"
        + excerpt(line, text, marked)
        + (f"    = {hint}\n" if hint else "")
    )


def missing(key, example):
    return problem(
        4,
        "[[therapy]]",
        "[[therapy]]",
        f"therapy.0.{key} is missing",
        f"Write, for example, {key} = {example}."
        + ("" if key == "diameter" else f"\n    = For a control without a dose: {key} = 0, or therapy = []."),
    )


def foreign(line, text, owner, product, hint="Leave it out."):
    key, value = text.split(" = ")
    return problem(line, text, value, f"therapy.0.{key} is for {owner}; this therapy gives {product}", hint)


def instead(key, example):
    return f"Write {key} instead, for example {key} = {example}."


def aligned(text):
    """Line numbers of two digits shift the bar."""
    return re.sub(
        r"(?m)^  (\d\d \|.*\n) (   \|.*\n(?:    =.*\n)?)",
        lambda m: f"  {m[1]}  {m[2].replace('    =', '     =')}",
        text,
    )
