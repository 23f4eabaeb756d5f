#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>

#include "sim/core/archive.hpp"
#include "sim/core/build_info.hpp"
#include "sim/core/parameters.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"

using namespace paracrine::sim;

namespace {

struct WalkParameters {
  double speed_um_per_min = 3.0;
  double pause_share = 0.25;
};
constexpr auto walk_parameters = std::to_array<Parameter<WalkParameters>>({
    {.name = "speed",
     .member = &WalkParameters::speed_um_per_min,
     .unit = "um/min",
     .physical = {0.0, 100.0},
     .published = {1.0, 5.0},
     .distribution = {.kind = Spread::lognormal, .spread = 1.5},
     .kind = Source::measured,
     .meaning = "path length per minute",
     .source = "somebody 2020",
     .variants = {Variant{.name = "mouse", .value = 4.0, .published = {2.0, 6.0}, .kind = Source::fitted, .source = "somebody else 2021"}}},
    {.name = "pause",
     .member = &WalkParameters::pause_share,
     .unit = "1",
     .physical = {0.0, 1.0},
     .published = {0.1, 0.5},
     .kind = Source::assumed,
     .meaning = "share of time at rest",
     .source = "no measurement known"},
});
static_assert(complete(walk_parameters));

}  // namespace

TEST_CASE("parameters: a table is described with its own defaults", "[unit]") {
  for (const char* const variant : {"", "human"}) {
    const auto rows = describe("walk", walk_parameters, variant);
    REQUIRE(rows.size() == 2);
    REQUIRE(rows[0].name == "walk.speed");
    REQUIRE(rows[0].unit == "um/min");
    REQUIRE(rows[0].value == 3.0);
    REQUIRE(rows[0].default_value == 3.0);
    REQUIRE(rows[0].physical.high == 100.0);
    REQUIRE(rows[0].published.low == 1.0);
    REQUIRE(rows[0].distribution.kind == Spread::lognormal);
    REQUIRE(rows[0].distribution.spread == 1.5);
    REQUIRE(rows[0].kind == Source::measured);
    REQUIRE(rows[0].meaning == "path length per minute");
    REQUIRE(rows[0].source == "somebody 2020");
    REQUIRE_FALSE(rows[0].overridden);
    REQUIRE(rows[1].name == "walk.pause");
    REQUIRE(rows[1].value == 0.25);
  }
}

TEST_CASE("parameters: a variant brings its own value, range, kind and source, and only for its row", "[unit]") {
  const auto rows = describe("walk", walk_parameters, "mouse");
  REQUIRE(rows[0].value == 4.0);
  REQUIRE(rows[0].default_value == 4.0);
  REQUIRE(rows[0].published.low == 2.0);
  REQUIRE(rows[0].published.high == 6.0);
  REQUIRE(rows[0].physical.high == 100.0);
  REQUIRE(rows[0].kind == Source::fitted);
  REQUIRE(rows[0].source == "somebody else 2021");
  REQUIRE(rows[1].value == 0.25);
  REQUIRE(rows[1].kind == Source::assumed);
}

TEST_CASE("parameters: the struct is collected by full names, and a missing one is the caller's error", "[unit]") {
  const std::map<std::string, double> values{{"walk.speed", 7.0}, {"walk.pause", 0.5}};
  const auto walk = collect("walk", walk_parameters, [&](const std::string& name) { return values.at(name); });
  REQUIRE(walk.speed_um_per_min == 7.0);
  REQUIRE(walk.pause_share == 0.5);
  REQUIRE_THROWS_AS(collect("run", walk_parameters, [&](const std::string& name) { return values.at(name); }), std::out_of_range);
}

TEST_CASE("parameters: a range contains its ends and no NaN", "[unit]") {
  const Range range{.low = 1.0, .high = 2.0};
  REQUIRE(range.contains(1.0));
  REQUIRE(range.contains(2.0));
  REQUIRE_FALSE(range.contains(std::nextafter(1.0, 0.0)));
  REQUIRE_FALSE(range.contains(std::nextafter(2.0, 3.0)));
  REQUIRE_FALSE(range.contains(std::nan("")));
  REQUIRE(Range{}.contains(1e300));
}

TEST_CASE("parameters: kinds of source and spread have names", "[unit]") {
  REQUIRE(source_name(Source::unset) == "unset");
  REQUIRE(source_name(Source::measured) == "measured");
  REQUIRE(source_name(Source::model) == "model");
  REQUIRE(source_name(Source::derived) == "derived");
  REQUIRE(source_name(Source::fitted) == "fitted");
  REQUIRE(source_name(Source::assumed) == "assumed");
  REQUIRE(spread_name(Spread::fixed) == "fixed");
  REQUIRE(spread_name(Spread::uniform) == "uniform");
  REQUIRE(spread_name(Spread::normal) == "normal");
  REQUIRE(spread_name(Spread::lognormal) == "lognormal");
  REQUIRE_THROWS_AS(source_name(static_cast<Source>(99)), std::logic_error);
  REQUIRE_THROWS_AS(spread_name(static_cast<Spread>(99)), std::logic_error);
}

TEST_CASE("archive: element types have the size of what they stand for", "[unit]") {
  REQUIRE(size_of(element_type<std::uint8_t>()) == sizeof(std::uint8_t));
  REQUIRE(size_of(element_type<std::uint32_t>()) == sizeof(std::uint32_t));
  REQUIRE(size_of(element_type<std::uint64_t>()) == sizeof(std::uint64_t));
  REQUIRE(size_of(element_type<std::int32_t>()) == sizeof(std::int32_t));
  REQUIRE(size_of(element_type<std::int64_t>()) == sizeof(std::int64_t));
  REQUIRE(size_of(element_type<float>()) == sizeof(float));
  REQUIRE(size_of(element_type<double>()) == sizeof(double));
}

TEST_CASE("archive: scalars and vectors in groups come back, an absent or differently typed entry does not", "[unit]") {
  struct State {
    double level = 0.0;
    std::vector<std::int32_t> counts;
    void archive(Archive& archive) {
      in_group(archive, "outer", [&] { in_group(archive, "inner", [&] { archive.scalar("level", level); }); });
      archive.vector("counts", counts);
    }
  };
  State from{.level = 2.5, .counts = {1, -2, 3}}, to{.level = 0.0, .counts = {9, 9, 9}};
  auto archive = paracrine::tests::transfer(from, to);
  REQUIRE(to.level == 2.5);
  REQUIRE(to.counts == from.counts);
  REQUIRE(archive.entries.contains("outer/inner/level"));
  archive.entries.at("counts").type = ElementType::u32;
  REQUIRE_THROWS_AS(to.archive(archive), RunError);
  archive.entries.erase("counts");
  REQUIRE_THROWS_AS(to.archive(archive), RunError);
}

TEST_CASE("build info: version, revision, build and compiler are known", "[unit]") {
  const BuildInfo& info = build_info();
  const auto all_of = [](const std::string& text, const char* allowed) { return text.find_first_not_of(allowed) == std::string::npos; };
  REQUIRE(all_of(info.version, "0123456789."));
  REQUIRE(std::count(info.version.begin(), info.version.end(), '.') == 2);
  REQUIRE(info.build.size() == 16);
  REQUIRE(all_of(info.build, "0123456789abcdef"));
  const std::string revision = info.git_revision.substr(0, info.git_revision.find("-dirty"));
  REQUIRE((revision == "unknown" || (revision.size() == 40 && all_of(revision, "0123456789abcdef"))));
  REQUIRE_FALSE(info.compiler.empty());
  REQUIRE(library_versions().find("Eigen 3.") != std::string::npos);
  REQUIRE(library_versions().find("fmt ") != std::string::npos);
#ifdef __AVX2__
  REQUIRE((cpu_features() == "x86-64-v3" || cpu_features() == "x86-64-v4"));
#endif
}
