#include "sim/core/error.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

TEST_CASE("errors: problems are listed in order of place, each with its marked line and hints", "[unit]") {
  const std::vector<Problem> problems = {{{"scenarios/bad.toml", 13, 1, 25, "\"chemotaxis.half_gradent\" = 1"},
                                          "chemotaxis has no parameter \"half_gradent\"",
                                          {"Did you mean \"half_gradient\"?"}},
                                         {{"scenarios/bad.toml", 12, 22, 7, "\"chemotaxis.speed\" = \"12 um\""},
                                          "chemotaxis.speed: expected length/time (such as \"1 um/min\"), got \"12 um\", which is length",
                                          {"The default is \"3 um/min\"."}}};
  CHECK(format_problems(problems) ==
        "2 problems in the input:\n"
        "scenarios/bad.toml:12:22: chemotaxis.speed: expected length/time (such as \"1 um/min\"), got \"12 um\", which is length\n"
        "  12 | \"chemotaxis.speed\" = \"12 um\"\n"
        "     |                      ^^^^^^^\n"
        "     = The default is \"3 um/min\".\n"
        "scenarios/bad.toml:13:1: chemotaxis has no parameter \"half_gradent\"\n"
        "  13 | \"chemotaxis.half_gradent\" = 1\n"
        "     | ^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "     = Did you mean \"half_gradient\"?");
}

TEST_CASE("errors: an override is marked without a line number, a file without a line is only named", "[unit]") {
  CHECK(format_problem({{"--set a.b=-5", 0, 5, 2, "a.b=-5"}, "a.b: expected 0 or more, got -5", {}}) ==
        "--set a.b=-5: a.b: expected 0 or more, got -5\n"
        "   | a.b=-5\n"
        "   |     ^^\n");
  CHECK(format_problem({{.file = "x.toml"}, "the key \"model\" is missing", {"Models: \"toy\"."}}) ==
        "x.toml: the key \"model\" is missing\n"
        "   = Models: \"toy\".\n");
}

TEST_CASE("errors: a problem without a place is its message alone", "[unit]") {
  CHECK(std::string(InputError("there is no file \"x\"", {"Did you mean \"y\"?"}).what()) == "there is no file \"x\"\n   = Did you mean \"y\"?");
  CHECK(InputError("no").problems().size() == 1);
}

TEST_CASE("errors: tabs, wide and combining characters do not move the mark", "[unit]") {
  CHECK(format_problem({{"a", 3, 4, 2, "\t\xC2\xB5\tbc"}, "m", {}}) == "a:3:4: m\n  3 | \t\xC2\xB5\tbc\n    | \t \t^^\n");
  CHECK(format_problem({{"a", 3, 3, 1, "\xE8\x82\x9D\xE8\x82\x9Dx"}, "m", {}}) == "a:3:3: m\n  3 | \xE8\x82\x9D\xE8\x82\x9Dx\n    |     ^\n");
  CHECK(format_problem({{"a", 3, 3, 1, "e\xCC\x81x"}, "m", {}}) == "a:3:3: m\n  3 | e\xCC\x81x\n    |  ^\n");
}

TEST_CASE("errors: control characters and broken bytes are made visible", "[unit]") {
  CHECK(in_quotes("a\x1B[2J\n\"b\"\t") == "\"a\\x1B[2J\\x0A\\\"b\\\"\\t\"");
  CHECK(in_quotes("\xFFz") == "\"\xEF\xBF\xBDz\"");
  CHECK(in_quotes("\xE2\x80\xAEz") == "\"\\u202Ez\"");
  CHECK(in_quotes(std::string(100, 'x')) == "\"" + std::string(60, 'x') + "...\"");
}

TEST_CASE("errors: of a long line the part around the mark is shown", "[unit]") {
  const std::string text = format_problem({{"a", 1, 501, 1, std::string(500, 'x') + "!" + std::string(500, 'y')}, "m", {}});
  CHECK(text == "a:1:501: m\n  1 | ..." + std::string(60, 'x') + "!" + std::string(59, 'y') + "...\n    |    " + std::string(60, ' ') + "^\n");
}

TEST_CASE("errors: a mark at the end of a line stands behind it", "[unit]") {
  CHECK(format_problem({{"a", 1, 4, 1, "abc"}, "m", {}}) == "a:1:4: m\n  1 | abc\n    |    ^\n");
}

TEST_CASE("errors: more than a hundred problems are counted, not shown", "[unit]") {
  const std::string text = format_problems(std::vector<Problem>(130, {{.file = "a"}, "m", {}}));
  CHECK(text.substr(0, 26) == "130 problems in the input:");
  CHECK(text.substr(text.size() - 15) == "... and 30 more");
}

TEST_CASE("errors: the nearest name is found within a third of the length", "[unit]") {
  const std::vector<std::string> known = {"duration", "record_every", "half_gradient", "mL", "cells"};
  CHECK(nearest_name("duratoin", known) == "duration");
  CHECK(nearest_name("half_gradent", known) == "half_gradient");
  CHECK(nearest_name("ml", known) == "mL");
  CHECK(nearest_name("Cell", known) == "cells");
  CHECK(nearest_name("dose", known).empty());
  CHECK(nearest_name("", known).empty());
  CHECK(nearest_name(std::string(100000, 'x'), known).empty());
}
