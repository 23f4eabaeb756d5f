// Messages and results are the same where a library set a locale with a decimal comma.
#include <fmt/format.h>

#include <bit>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/delivery.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace paracrine;

namespace {

/// A German locale for the life of the object, made in a folder of its own; `there()`: whether it could be had.
class DecimalComma {
 public:
  DecimalComma() {
    const std::string made = folder_ / "de_DE.UTF-8";
    if (std::system(("localedef -i de_DE -f UTF-8 '" + made + "' >/dev/null 2>&1").c_str()) != 0) return;
    ::setenv("LOCPATH", folder_.path().c_str(), 1);
    there_ = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr && std::string(std::localeconv()->decimal_point) == ",";
  }
  ~DecimalComma() {
    std::setlocale(LC_ALL, "C");
    ::unsetenv("LOCPATH");
  }
  DecimalComma(const DecimalComma&) = delete;
  DecimalComma& operator=(const DecimalComma&) = delete;
  bool there() const { return there_; }

 private:
  tests::ScratchFolder folder_;
  bool there_ = false;
};

const std::string text = R"(
model = "delivery"
[time]
duration = "1.5 h"
record_every = "0.5 h"
[[therapy]]
product = "msc"
cells = 7.5e6
viability = 0.75
at = "0 h"
[liver]
lobules = 2
[numerics]
msc_weight = 2.5e4
)";

sim::Scenario read() {
  const sim::Catalogue catalogue = models::catalogue();
  return sim::parse_scenario(text, "test.toml", ".", {"parameters.infusion.duration=12.5 s"}, catalogue.model_info());
}

std::string all_of(const sim::Scenario& scenario) {
  std::string said = sim::to_toml(scenario);
  for (const sim::Problem& warning : scenario.warnings) said += sim::format_problem(warning) + "\n";
  return said;
}

}  // namespace

TEST_CASE("locale: a decimal comma set by a library changes no message, no scenario and no result", "[property]") {
  const std::string said = all_of(read());
  CHECK(said.find("7500000 cells into a vein at once") != std::string::npos);
  const auto rows = [] {
    const sim::Catalogue catalogue = models::catalogue();
    sim::Simulation simulation(catalogue, read(), 1);
    std::string all;
    for (const auto& [name, values] : tests::run_rows(simulation).values)
      for (const double value : values) all += fmt::format("{} {}\n", name, std::bit_cast<std::uint64_t>(value));
    return all;
  };
  const std::string plain = rows();
  const DecimalComma comma;
  if (!comma.there()) {
    WARN("there is no localedef or no source of de_DE: the decimal comma was not tested");
    return;
  }
  CHECK(std::strtod("7.5", nullptr) == 7.0);  // the locale has taken hold
  CHECK(all_of(read()) == said);
  CHECK(rows() == plain);
}
