#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/scenario_toy.hpp"

using namespace paracrine;
using tests::refusal;
using tests::toy_text;
namespace fs = std::filesystem;

namespace {

/// A folder with files that is gone afterwards; the working directory stands in it, so that messages name the files plainly.
class Folder {
 public:
  Folder() : before_(fs::current_path()), path_(fs::temp_directory_path() / ("paracrine_scenario_" + std::to_string(getpid()))) {
    fs::create_directories(path_);
    fs::current_path(path_);
  }
  ~Folder() {
    fs::current_path(before_);
    fs::remove_all(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }

 private:
  fs::path before_, path_;
};

std::string load_refusal(const std::string& file) {
  try {
    sim::load_scenario(file, {}, tests::toy_models());
  } catch (const sim::InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("scenario reading: a syntax error is said alone, with its place", "[unit]") {
  CHECK(refusal("model = \"toy\"\ntime.duration = 14 d\n") ==
        "1 problem in the input:\n"
        "t.toml:2:20: not valid TOML (key-value pair): expected a comment or whitespace, saw 'd'\n"
        "  2 | time.duration = 14 d\n    |                    ^\n"
        "    = A quantity with a unit, and any other text, stands in quotes: \"14 d\"");
  CHECK(refusal("model = toy # no quotes\n") ==
        "1 problem in the input:\n"
        "t.toml:1:10: not valid TOML (boolean): expected 'true', saw 'to'\n"
        "  1 | model = toy # no quotes\n    |          ^\n"
        "    = A quantity with a unit, and any other text, stands in quotes: \"toy\"");
  CHECK(refusal("a = 1\na = 2\n") ==
        "1 problem in the input:\n"
        "t.toml:2:5: not valid TOML (key-value pair): cannot redefine existing integer 'a'\n"
        "  2 | a = 2\n    |     ^");
  CHECK(refusal("seed = 9223372036854775808").find("t.toml:1:") != std::string::npos);
}

TEST_CASE("scenario reading: texts that toml++ takes to be impossible are refused, with their line", "[unit]") {
  CHECK(refusal("\n[`") ==
        "1 problem in the input:\n"
        "t.toml:2:1: not valid TOML: this line is no key, value or [table]\n"
        "  2 | [`\n    | ^^");
  CHECK(refusal("model = \"toy\"\n\n[&\nx = 1\n").find("t.toml:3:1: not valid TOML: this line is no key") != std::string::npos);
  for (const char* text :
       {"[[`", "a.\xC2\xA1 = 1", "\xC2\xA1", "a = \xC2\xA1", "[[[", "[a", "[", "\"", "a = \"\"\"", "a = [", "\xFF\xFE", "\x01", "a = '''"})
    CHECK(refusal(text).find("not valid TOML") != std::string::npos);
  CHECK(refusal(std::string("a\0b = 1", 7)).find("not valid TOML") != std::string::npos);
  // The character U+00A1 after a line continuation reaches a table of toml++ that forgets it.
  CHECK(tests::toy("title = \"\"\"a\\\n  \xC2\xA1\"\"\"").root.text("title") == "a\xC2\xA1");
}

TEST_CASE("scenario reading: a byte order mark, line ends of Windows and tabs do not move places", "[unit]") {
  CHECK(refusal("\xEF\xBB\xBFmodel = \"toy\"\r\n\ttime.duration = 3\r\n") ==
        "1 problem in the input:\n"
        "t.toml:2:18: time.duration: expected time (such as \"14 d\"), got 3, which has no unit\n"
        "  2 | \ttime.duration = 3\n    | \t                ^\n"
        "    = Units that would do: s, min, h, d, week, year.");
  CHECK(refusal("\xEF\xBB\xBFmodel = \"toi\"").find("t.toml:1:9: model") != std::string::npos);
}

TEST_CASE("scenario reading: hostile texts are refused without much work", "[unit]") {
  std::string deep_key = "a";
  for (int i = 0; i < 100000; ++i) deep_key += ".a";
  CHECK(refusal(deep_key + " = 1").find("a key with more than 32 parts") != std::string::npos);
  CHECK(refusal("[" + deep_key + "]").find("a key with more than 32 parts") != std::string::npos);
  CHECK(refusal("x = {y = \"\"\"a\"\"\"\", " + deep_key + " = 1}").find("a key with more than 32 parts") != std::string::npos);
  CHECK(refusal("a = " + std::string(100000, '[')).find("not valid TOML") != std::string::npos);
  CHECK(refusal("a = " + std::string(30, '[') + "{a.a.a = 1}" + std::string(30, ']')).find("nested more than 32 levels deep") != std::string::npos);
  std::string many = "a = [";
  for (int i = 0; i < 100001; ++i) many += "1,";
  CHECK(refusal(many + "]").find("more than 100000 values in one file") != std::string::npos);
  CHECK(refusal(std::string((std::size_t{4} << 20) + 1, '#')) == "1 problem in the input:\nt.toml: longer than 4 MiB, which no scenario is");
  std::string unknown = toy_text("");
  for (int i = 0; i < 20000; ++i) unknown += "k" + std::to_string(i) + " = 1\n";
  CHECK(refusal(unknown).substr(0, 26) == "200 problems in the input:");
  CHECK(refusal(toy_text("title = [" + std::string(1000000, ' ') + "]\n")).size() < 1000);
  // Dots in strings and comments are no keys.
  CHECK(refusal(toy_text("title = \"" + std::string(100, '.') + "\" # " + std::string(100, '.') + "\n")) == "accepted");
}

TEST_CASE("scenario reading: a file that is not there is named, with the nearest one", "[unit]") {
  const Folder folder;
  folder.write("mouse.toml", "");
  CHECK(load_refusal("mose.toml") == "there is no file \"mose.toml\"\n   = Did you mean \"mouse.toml\"?");
  CHECK(load_refusal("no/mouse.toml") == "there is no file \"no/mouse.toml\"\n   = There is no folder \"no\".");
  CHECK(load_refusal(".") == "\".\" is a folder, not a scenario file");
}

TEST_CASE("scenario reading: included tables are merged key by key, the including file and later files win", "[unit]") {
  const Folder folder;
  folder.write("base/clock.toml", "seed = 5\n[time]\nduration = \"7 d\"\nrecord_every = \"1 h\"\n[[therapy]]\ncells = 1\n[[therapy]]\ncells = 2\n");
  folder.write("base/all.toml",
               "include = [\"clock.toml\"]\nseed = 6\nmodel = \"toy\"\n[parameters]\nchemotaxis.speed = \"2 um/min\"\ninfusion.loss = 0.3\n");
  folder.write("late.toml", "seed = 7\ntitle = \"late\"\n");
  folder.write("main.toml",
               "include = [\"base/all.toml\", \"late.toml\"]\ntime.duration = \"9 d\"\n[[therapy]]\ncells = 3\n[parameters]\n\"chemotaxis.speed\" = "
               "\"4 um/min\"\n");
  const sim::Scenario scenario = sim::load_scenario("main.toml", {}, tests::toy_models());
  CHECK(scenario.root.integer("seed") == 7);
  CHECK(scenario.root.text("title") == "late");
  CHECK(scenario.root.table("time").seconds("duration") == 9 * 86400);
  CHECK(scenario.root.table("time").seconds("record_every") == 3600);
  CHECK(scenario.root.table("time").place("record_every").file == "base/clock.toml");
  CHECK(scenario.root.table("time").place("record_every").line == 4);
  CHECK(scenario.root.tables("therapy").size() == 1);
  CHECK(scenario.parameter("chemotaxis.speed") == 4.0);
  CHECK(scenario.parameter("infusion.loss") == 0.3);
  REQUIRE(scenario.sources.size() == 4);
  CHECK(scenario.sources[0].file == "main.toml");
  CHECK(scenario.sources[2].file == "base/clock.toml");
}

TEST_CASE("scenario reading: problems stand where they were written, in an included file too", "[unit]") {
  const Folder folder;
  folder.write("base.toml", "[time]\nduration = 7\n");
  folder.write("main.toml", "include = [\"base.toml\"]\nmodel = \"toy\"\ntiem = 1\n");
  const std::string text = load_refusal("main.toml");
  CHECK(text.find("2 problems in the input:\n") == 0);
  CHECK(text.find("base.toml:2:12: time.duration: expected time") != std::string::npos);
  CHECK(text.find("main.toml:3:1: unknown key \"tiem\"") != std::string::npos);
}

TEST_CASE("scenario reading: loops, missing files and wrong entries of include are refused at their place", "[unit]") {
  const Folder folder;
  folder.write("a.toml", "model = \"toy\"\ntime.duration = \"1 d\"\ninclude = [\"sub/b.toml\"]\n");
  folder.write("sub/b.toml", "include = [\"../a.toml\"]\n");
  CHECK(load_refusal("a.toml") ==
        "1 problem in the input:\n"
        "sub/b.toml:1:12: include: the files include each other in a loop: a.toml -> sub/b.toml -> a.toml\n"
        "  1 | include = [\"../a.toml\"]\n    |            ^^^^^^^^^^^");
  folder.write("sub/b.toml", "include = [\"none.toml\", 3, \"..\"]\n");
  CHECK(load_refusal("a.toml") ==
        "3 problems in the input:\n"
        "sub/b.toml:1:12: include: there is no file \"sub/none.toml\"\n"
        "  1 | include = [\"none.toml\", 3, \"..\"]\n    |            ^^^^^^^^^^^\n"
        "sub/b.toml:1:25: include: expected the name of a file in quotes\n"
        "  1 | include = [\"none.toml\", 3, \"..\"]\n    |                         ^\n"
        "sub/b.toml:1:28: include: \".\" is a folder, not a scenario file\n"
        "  1 | include = [\"none.toml\", 3, \"..\"]\n    |                            ^^^^");
  folder.write("c.toml", "model = \"toy\"\ntime.duration = \"1 d\"\ninclude = \"base.toml\"\n");
  CHECK(load_refusal("c.toml") ==
        "1 problem in the input:\n"
        "c.toml:3:11: include: expected a list of files ([\"base.toml\"])\n  3 | include = \"base.toml\"\n    |           ^^^^^^^^^^^");
  CHECK(refusal("include = [\"a.toml\"]\n" + toy_text("")) ==
        "1 problem in the input:\n"
        "t.toml:1:12: include: a scenario that is not in a file cannot include others\n  1 | include = [\"a.toml\"]\n    |            ^^^^^^^^");
}

TEST_CASE("scenario reading: the number of includes is limited in depth and in all", "[unit]") {
  const Folder folder;
  for (int i = 0; i < 30; ++i) folder.write("d" + std::to_string(i) + ".toml", "include = [\"d" + std::to_string(i + 1) + ".toml\"]\n");
  CHECK(load_refusal("d0.toml").find("d16.toml:1:12: include: more than 16 files include each other") != std::string::npos);
  for (int i = 0; i < 12; ++i) {
    const std::string next = "w" + std::to_string(i + 1) + ".toml";
    folder.write("w" + std::to_string(i) + ".toml", "include = [\"" + next + "\", \"" + next + "\"]\n");
  }
  folder.write("w12.toml", "seed = 1\n");
  CHECK(load_refusal("w0.toml").find("include: more than 64 files") != std::string::npos);
}
