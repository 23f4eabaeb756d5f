#include "tests/support/catch.hpp"
#include "tests/support/scenario_toy.hpp"

using namespace paracrine;
using tests::refusal;
using tests::toy_text;

namespace {

/// The one problem with a text: its lines behind the count.
std::string one(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const std::string all = refusal(text, overrides), count = "1 problem in the input:\n";
  return all.substr(0, count.size()) == count ? all.substr(count.size()) : all;
}

/// The same for one line added to a whole scenario as line 3.
std::string line(const std::string& text) { return one(toy_text(text + "\n")); }

}  // namespace

TEST_CASE("scenario messages: everything wrong is said at once, in order", "[unit]") {
  CHECK(refusal(toy_text("parameters.chemotaxis.half_gradent = 1\n[parameters.macrophage_switch]\nhalf_time = \"12 um\"\n")) ==
        "2 problems in the input:\n"
        "t.toml:3:12: chemotaxis has no parameter \"half_gradent\"\n"
        "  3 | parameters.chemotaxis.half_gradent = 1\n"
        "    |            ^^^^^^^^^^^^^^^^^^^^^^^\n"
        "    = Did you mean \"half_gradient\"?\n"
        "t.toml:5:13: macrophage_switch.half_time: expected time (such as \"1 h\"), got \"12 um\", which is length\n"
        "  5 | half_time = \"12 um\"\n"
        "    |             ^^^^^^^\n"
        "    = The default is \"24 h\".");
  CHECK(refusal(toy_text("species = \"human\"\nparameters.macrophage_switch.half_time = \"1 m\"")).find("The default is \"48 h\".") !=
        std::string::npos);
}

TEST_CASE("scenario messages: quantities", "[unit]") {
  CHECK(line("subject.body_weight = 25") ==
        "t.toml:3:23: subject.body_weight: expected mass (such as \"1 g\"), got 25, which has no unit\n"
        "  3 | subject.body_weight = 25\n    |                       ^^\n"
        "    = Units that would do: kg, g, mg, ug, ng, pg, fg.\n"
        "    = The default is \"25 g\".");
  CHECK(line("therapy = [{ cells = 1, concentration = \"7\" }]") ==
        "t.toml:3:41: therapy.0.concentration: expected mass concentration (such as \"1 ng/mL\"), got \"7\", which has no unit\n"
        "  3 | therapy = [{ cells = 1, concentration = \"7\" }]\n    |                                         ^^^\n"
        "    = Units that would do: ng/mL.");
  CHECK(line("therapy = [{ cells = \"1 d\" }]") ==
        "t.toml:3:22: therapy.0.cells: expected a plain number (such as 1) or 1/mass (such as \"1 cells/kg\"), got \"1 d\", which is time\n"
        "  3 | therapy = [{ cells = \"1 d\" }]\n    |                      ^^^^^");
  CHECK(line("subject.body_weight = \"25 gg\"") ==
        "t.toml:3:23: subject.body_weight: expected mass (such as \"1 g\"), got \"25 gg\": unknown unit \"gg\"\n"
        "  3 | subject.body_weight = \"25 gg\"\n    |                       ^^^^^^^\n    = The default is \"25 g\".");
  CHECK(line("time.record_every = \"6 hr\"") ==
        "t.toml:3:21: time.record_every: expected time (such as \"14 d\"), got \"6 hr\": unknown unit \"hr\" (did you mean \"h\"?)\n"
        "  3 | time.record_every = \"6 hr\"\n    |                     ^^^^^^\n    = The default is \"6 h\".");
  CHECK(line("subject.body_weight = true") ==
        "t.toml:3:23: subject.body_weight: expected mass (such as \"1 g\"), got true\n"
        "  3 | subject.body_weight = true\n    |                       ^^^^\n    = The default is \"25 g\".");
  CHECK(
      line("therapy = [{ cells = nan }]") ==
      "t.toml:3:22: therapy.0.cells: expected a plain number (such as 1) or 1/mass (such as \"1 cells/kg\"), got nan, which is not a finite number\n"
      "  3 | therapy = [{ cells = nan }]\n    |                      ^^^");
  CHECK(line("time.record_every = \"1e400 d\"") ==
        "t.toml:3:21: time.record_every: expected time (such as \"14 d\"), got \"1e400 d\": 1e400 is out of the range of numbers\n"
        "  3 | time.record_every = \"1e400 d\"\n    |                     ^^^^^^^^^\n    = The default is \"6 h\".");
  CHECK(line("numerics.weight = \"aut\"") ==
        "t.toml:3:19: numerics.weight: expected a plain number (such as 1) or \"auto\", got \"aut\": \"aut\" does not begin with a number\n"
        "  3 | numerics.weight = \"aut\"\n    |                   ^^^^^\n    = Did you mean \"auto\"?\n    = The default is \"auto\".");
}

TEST_CASE("scenario messages: durations of the clock", "[unit]") {
  CHECK(line("time.record_every = \"0.5 s\"") ==
        "t.toml:3:21: time.record_every: expected a whole number of seconds, got \"0.5 s\"\n"
        "  3 | time.record_every = \"0.5 s\"\n    |                     ^^^^^^^\n    = The default is \"6 h\".");
  CHECK(line("time.record_every = \"0.001 min\"") ==
        "t.toml:3:21: time.record_every: expected a whole number of seconds, got \"0.001 min\", which is 0.06 s\n"
        "  3 | time.record_every = \"0.001 min\"\n    |                     ^^^^^^^^^^^\n    = The default is \"6 h\".");
  CHECK(line("time.record_every = \"1e20 d\"") ==
        "t.toml:3:21: time.record_every: \"1e20 d\" is longer than the clock can count\n"
        "  3 | time.record_every = \"1e20 d\"\n    |                     ^^^^^^^^\n    = The default is \"6 h\".");
  CHECK(line("time.record_every = \"0 d\"") ==
        "t.toml:3:21: time.record_every: expected more than 0 s, got \"0 d\"\n"
        "  3 | time.record_every = \"0 d\"\n    |                     ^^^^^\n    = The default is \"6 h\".");
}

TEST_CASE("scenario messages: ranges", "[unit]") {
  CHECK(line("therapy = [{ cells = -5 }]") ==
        "t.toml:3:22: therapy.0.cells: expected 0 to 1e9, got -5\n  3 | therapy = [{ cells = -5 }]\n    |                      ^^");
  CHECK(line("therapy = [{ cells = \"-5 cells/kg\" }]") ==
        "t.toml:3:22: therapy.0.cells: expected 0 cells/kg or more, got \"-5 cells/kg\"\n"
        "  3 | therapy = [{ cells = \"-5 cells/kg\" }]\n    |                      ^^^^^^^^^^^^^");
  CHECK(line("therapy = [{ cells = 1, viability = 0 }]") ==
        "t.toml:3:37: therapy.0.viability: expected more than 0 and at most 1, got 0\n"
        "  3 | therapy = [{ cells = 1, viability = 0 }]\n    |                                     ^\n    = The default is 0.9.");
  CHECK(line("parameters.chemotaxis.speed = \"1 mm/s\"") ==
        "t.toml:3:31: chemotaxis.speed: expected 0 um/min to 100 um/min, got \"1 mm/s\", which is 60000 um/min\n"
        "  3 | parameters.chemotaxis.speed = \"1 mm/s\"\n    |                               ^^^^^^^^\n    = The default is \"3 um/min\".");
  CHECK(line("numerics.refine = 7") ==
        "t.toml:3:19: numerics.refine: expected 1 to 4, got 7\n  3 | numerics.refine = 7\n    |                   ^\n    = The default is 1.");
  CHECK(line("seed = -1") == "t.toml:3:8: seed: expected 0 or more, got -1\n  3 | seed = -1\n    |        ^^\n    = The default is 1.");
}

TEST_CASE("scenario messages: outside the published range is a warning with range and source", "[unit]") {
  const auto warning = [](const std::string& text) {
    const sim::Scenario scenario = tests::toy(text);
    REQUIRE(scenario.warnings.size() == 1);
    return sim::format_problem(scenario.warnings.front());
  };
  CHECK(warning("parameters.chemotaxis.speed = \"12 um/min\"") ==
        "t.toml:3:31: chemotaxis.speed: 12 um/min is outside the published range, 1 um/min to 5 um/min\n"
        "  3 | parameters.chemotaxis.speed = \"12 um/min\"\n    |                               ^^^^^^^^^^^\n"
        "    = Source: 1 to 5 um/min for tissue macrophages\n");
  CHECK(warning("therapy = [{ cells = 1, passage = 9 }]") ==
        "t.toml:3:35: therapy.0.passage: 9 is outside the published range, 2 to 6\n"
        "  3 | therapy = [{ cells = 1, passage = 9 }]\n    |                                   ^\n    = Source: common practice\n");
  CHECK(tests::toy("parameters.chemotaxis.speed = \"5 um/min\"").warnings.empty());
}

TEST_CASE("scenario messages: types", "[unit]") {
  CHECK(line("seed = 1.5") == "t.toml:3:8: seed: expected a whole number, got 1.5\n  3 | seed = 1.5\n    |        ^^^\n    = The default is 1.");
  CHECK(line("numerics.refine = \"2\"") ==
        "t.toml:3:19: numerics.refine: expected a whole number or \"auto\", got \"2\"\n  3 | numerics.refine = \"2\"\n    |                   ^^^\n  "
        "  = The default is 1.");
  CHECK(line("title = 7") == "t.toml:3:9: title: expected a text in quotes, got 7\n  3 | title = 7\n    |         ^");
  CHECK(line("output.lobules = \"yes\"") ==
        "t.toml:3:18: output.lobules: expected true or false, got \"yes\"\n  3 | output.lobules = \"yes\"\n    |                  ^^^^^\n    = The "
        "default is true.");
  CHECK(line("species = \"mouze\"") ==
        "t.toml:3:11: species: expected one of \"mouse\", \"human\", got \"mouze\"\n"
        "  3 | species = \"mouze\"\n    |           ^^^^^^^\n    = Did you mean \"mouse\"?\n    = The default is \"mouse\".");
  CHECK(line("output.names = 1979-05-27") ==
        "t.toml:3:16: output.names: expected a list of texts ([\"a\", \"b\"]), got a date or time\n  3 | output.names = 1979-05-27\n    |            "
        "    ^^^^^^^^^^");
  CHECK(line("output.fields = [\"collagen\", \"tgf\"]") ==
        "t.toml:3:30: output.fields.1: expected one of \"collagen\", \"tgf_beta\", got \"tgf\"\n"
        "  3 | output.fields = [\"collagen\", \"tgf\"]\n    |                              ^^^^^");
  CHECK(line("output.names = [\"a\", \"a\"]") ==
        "t.toml:3:22: output.names.1: \"a\" stands twice in the list\n  3 | output.names = [\"a\", \"a\"]\n    |                      ^^^");
  CHECK(line("[therapy]\ncells = 1") ==
        "t.toml:3:1: therapy: expected a list of tables ([[therapy]]), got a table\n  3 | [therapy]\n    | ^^^^^^^^^");
  CHECK(line("[[subject]]") == "t.toml:3:1: subject: expected a table ([subject]), got a list of tables\n  3 | [[subject]]\n    | ^^^^^^^^^^^");
  CHECK(line("therapy = [1]") ==
        "t.toml:3:11: therapy: expected a list of tables ([[therapy]]), got a list\n  3 | therapy = [1]\n    |           ^^^");
  CHECK(line("therapy = [{ cells = 1 }, 2]") ==
        "t.toml:3:27: therapy.1: expected a table, got 2\n  3 | therapy = [{ cells = 1 }, 2]\n    |                           ^");
  CHECK(line("parameters = 3") == "t.toml:3:14: parameters: expected a table ([parameters]), got 3\n  3 | parameters = 3\n    |              ^");
  CHECK(line("processes = 3") == "t.toml:3:13: processes: expected a table ([processes]), got 3\n  3 | processes = 3\n    |             ^");
  CHECK(line("processes.infusion = 1") ==
        "t.toml:3:22: processes.infusion: expected true or false, got 1\n  3 | processes.infusion = 1\n    |                      ^\n    = The "
        "default is true.");
}

TEST_CASE("scenario messages: unknown and missing names", "[unit]") {
  CHECK(line("tiem = 3") == "t.toml:3:1: unknown key \"tiem\"\n  3 | tiem = 3\n    | ^^^^\n    = Did you mean \"time\"?");
  CHECK(line("body_weight = 3") ==
        "t.toml:3:1: unknown key \"body_weight\"\n  3 | body_weight = 3\n    | ^^^^^^^^^^^\n    = There is a key subject.body_weight.");
  CHECK(line("subject.xyz = 3") ==
        "t.toml:3:9: subject has no key \"xyz\"\n  3 | subject.xyz = 3\n    |         ^^^\n    = Keys here: \"body_weight\".");
  CHECK(line("parameter.x = 3") ==
        "t.toml:3:1: unknown key \"parameter\"\n  3 | parameter.x = 3\n    | ^^^^^^^^^\n    = Did you mean \"parameters\"?");
  CHECK(line("processes.chemotaxi = true") ==
        "t.toml:3:11: there is no process \"chemotaxi\" to switch\n  3 | processes.chemotaxi = true\n    |           ^^^^^^^^^\n    = Did you mean "
        "\"chemotaxis\"?");
  CHECK(line("parameters.foo.bar = 1") ==
        "t.toml:3:12: there is no parameter \"foo.bar\"\n  3 | parameters.foo.bar = 1\n    |            ^^^^^^^\n"
        "    = Parameters: \"chemotaxis.speed\", \"chemotaxis.half_gradient\", \"macrophage_switch.half_time\", \"infusion.loss\".");
  CHECK(line("parameters.\"chemotaxi.speed\" = 1") ==
        "t.toml:3:12: there is no parameter \"chemotaxi.speed\"\n  3 | parameters.\"chemotaxi.speed\" = 1\n    |            ^^^^^^^^^^^^^^^^^\n    = "
        "Did you mean \"chemotaxis.speed\"?");
  CHECK(line("[parameters]\ninfusion.loss = 0.2\n\"infusion.loss\" = 0.3").find("the parameter \"infusion.loss\" is given twice") !=
        std::string::npos);
  CHECK(line("scan = {}") == "t.toml:3:8: scan: the key \"depth\" is missing\n  3 | scan = {}\n    |        ^^\n    = Such as: depth = \"1 um\"");
  CHECK(line("[[therapy]]") == "t.toml:3:1: therapy.0: the key \"cells\" is missing\n  3 | [[therapy]]\n    | ^^^^^^^^^^^\n    = Such as: cells = 1");
  CHECK(one("model = \"toy\"") == "t.toml: the key \"time\" is missing\n   = Such as: [time]");
}

TEST_CASE("scenario messages: the model", "[unit]") {
  CHECK(one("") == "t.toml: the key \"model\" is missing\n   = Models: \"toy\", \"bare\".");
  CHECK(one("model = \"toi\"") ==
        "t.toml:1:9: model: expected one of \"toy\", \"bare\", got \"toi\"\n  1 | model = \"toi\"\n    |         ^^^^^\n    = Did you mean \"toy\"?");
  CHECK(one("model = 3") == "t.toml:1:9: model: expected one of \"toy\", \"bare\", got 3\n  1 | model = 3\n    |         ^");
}

TEST_CASE("scenario messages: the model's own checks come with the schema's", "[unit]") {
  CHECK(refusal(toy_text("seed = -1\ntherapy = [{ cells = 1, at = \"20 d\" }]\n")) ==
        "2 problems in the input:\n"
        "t.toml:3:8: seed: expected 0 or more, got -1\n  3 | seed = -1\n    |        ^^\n    = The default is 1.\n"
        "t.toml:4:30: therapy.at: the dose comes after the end of the run, 14 d\n"
        "  4 | therapy = [{ cells = 1, at = \"20 d\" }]\n    |                              ^^^^^^");
  // A check that reads a refused value is left there, without hiding the problem.
  CHECK(one("model = \"toy\"\ntime.duration = 3\ntherapy = [{ cells = 1 }]\n").find("time.duration: expected time") != std::string::npos);
  sim::ModelInfo faulty = tests::toy_models();
  faulty.check = [](const sim::Scenario& scenario, sim::Findings&) { static_cast<void>(scenario.root.text("no such key")); };
  CHECK_THROWS_AS(sim::parse_scenario(toy_text(""), "t.toml", "", {}, faulty), std::out_of_range);
}

TEST_CASE("scenario messages: overrides are marked in their own text", "[unit]") {
  const std::string text = toy_text("[[therapy]]\ncells = 1\n");
  CHECK(one(text, {"therapy.0.cells=-5"}) ==
        "--set therapy.0.cells=-5: therapy.0.cells: expected 0 to 1e9, got -5\n   | therapy.0.cells=-5\n   |                 ^^");
  CHECK(one(text, {"therapy.3.cells=1"}) ==
        "--set therapy.3.cells=1: therapy is a list of 1 entry: expected an index from 0 to 1, got \"3\"\n"
        "   | therapy.3.cells=1\n   |         ^\n   = therapy.1 appends an entry.");
  CHECK(one(text, {"therapy.cells=1"}) ==
        "--set therapy.cells=1: therapy is a list of 1 entry: expected an index from 0 to 1, got \"cells\"\n"
        "   | therapy.cells=1\n   |         ^^^^^\n   = therapy.1 appends an entry.");
  CHECK(one(text, {"time.duration.x=1"}) ==
        "--set time.duration.x=1: time.duration is a single value, which has no key \"x\"\n   | time.duration.x=1\n   |               ^");
  CHECK(one(text, {"therapy.0.celsl=1"}) ==
        "--set therapy.0.celsl=1: therapy.0 has no key \"celsl\"\n   | therapy.0.celsl=1\n   |           ^^^^^\n   = Did you mean \"cells\"?");
  CHECK(
      one(text, {"parameters.chemotaxis.sped=1"}) ==
      "--set parameters.chemotaxis.sped=1: chemotaxis has no parameter \"sped\"\n   | parameters.chemotaxis.sped=1\n   |            ^^^^^^^^^^^^^^^\n"
      "   = Did you mean \"speed\"?");
  CHECK(one(text, {"seed"}) == "--set seed: expected path=value\n   | seed\n   | ^^^^\n   = Such as time.duration=\"14 d\" or therapy.0.cells=1e6");
  CHECK(one(text, {"a..b=1"}).find("--set a..b=1: expected path=value") == 0);
  CHECK(one(text, {"output.fields=[\"a\""}).find("A value is written as in TOML; a word or a quantity may stand without quotes.") !=
        std::string::npos);
  CHECK(one(text, {"include=[\"x\"]"}) == "--set include=[\"x\"]: include: only a file can include others\n   | include=[\"x\"]\n   | ^^^^^^^");
}

TEST_CASE("scenario messages: an override that is no UTF-8 text is refused", "[unit]") {
  try {
    tests::toy("", {"therapy.0.label=2d\xFF"});
    FAIL("it was accepted");
  } catch (const sim::InputError& error) {
    CHECK(error.problems().front().message == "it is not valid UTF-8 text");
  }
}
