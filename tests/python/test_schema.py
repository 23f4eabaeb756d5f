"""The JSON Schema of scenario files, as an editor uses it: right files pass, and one mistake is one error at its own place."""

import copy
import json
import tomllib

import jsonschema
import pytest
from command_line import ROOT, paracrine

SCENARIOS = sorted(
    [*(ROOT / "scenarios/delivery").glob("*.toml"), *(ROOT / "scenarios/cirrhosis").glob("*.toml")]
)
RIGHT = {
    "model": "delivery",
    "time": {"duration": "2 d"},
    "therapy": [{"product": "msc", "cells": 1e5, "route": "portal_vein", "at": "0 d"}],
}


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(paracrine("schema").stdout)
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


def changed(path, value):
    scenario = copy.deepcopy(RIGHT)
    inner = scenario
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return scenario


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenarios_of_ours_are_in_order(validator, path):
    assert [error.message for error in validator.iter_errors(tomllib.loads(path.read_text()))] == []


@pytest.mark.parametrize(
    ("where", "value", "told", "text"),
    [
        (("tiem",), {}, (), "'tiem' was unexpected"),
        (("time", "duratoin"), "2 d", ("time",), "'duratoin' was unexpected"),
        (("therapy", 0, "rout"), "vein", ("therapy", 0), "'rout' was unexpected"),
        (("therapy", 0, "route"), "vein", ("therapy", 0, "route"), "'vein' is not"),
        (("time", "duration"), 2, ("time", "duration"), "2 is not"),
        (("model",), "cirrosis", ("model",), "'cirrosis' is not"),
        (("parameters",), {"lung_arrest.shnt": 0.1}, ("parameters",), "'lung_arrest.shnt' was unexpected"),
    ],
)
def test_one_mistake_is_one_error_at_its_own_place(validator, where, value, told, text):
    errors = list(validator.iter_errors(changed(where, value)))
    assert [tuple(error.absolute_path) for error in errors] == [told], [error.message for error in errors]
    assert text in errors[0].message


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "delivery"},
        {"time": {"duration": "1 d"}},
        changed(("injury",), [{"cause": "alcohol", "start": "0 d", "stop": "1 d"}]),
    ],
    ids=["no duration", "no model", "a key of another model"],
)
def test_what_belongs_to_one_model_is_told_once(validator, wrong):
    assert len(list(validator.iter_errors(wrong))) == 1


def test_a_part_that_includes_others_may_leave_out_what_they_have(validator):
    assert list(validator.iter_errors({"include": ["base.toml"], "seed": 3})) == []
