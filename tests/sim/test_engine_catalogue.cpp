#include <unistd.h>

#include <filesystem>
#include <map>

#include "models/catalogue.hpp"
#include "sim/io/inspect.hpp"
#include "sim/io/session.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/toy.hpp"

using namespace paracrine;
namespace fs = std::filesystem;

namespace {

/// A short run of every model of the product, and of the toy; a new model is tested by being in the catalogue and having its lines here.
const std::map<std::string, std::string> scenarios{
    {"toy", "[output]\nfields = [\"transient\"]\nfields_every = \"2 h\"\nagents = [\"walker\"]\nagents_every = \"2 h\"\n"},
    {"delivery", R"([[therapy]]
product = "msc"
cells = 20000
route = "peripheral_vein"
at = "1 h"
duration = "50 min"
[[therapy]]
product = "msc"
cells = 10000
route = "intrasplenic"
at = "2 h"
[[therapy]]
product = "particle"
count = 5000
diameter = "6 um"
at = "0 h"
[parameters]
"lung_arrest.shunt" = 0.3
"lung_arrest.release" = "0.05 1/h"
[output]
agents = ["msc", "particle"]
agents_every = "2 h"
)"},
    {"cirrhosis", R"([[injury]]
cause = "ccl4"
start = "0 d"
stop = "1 d"
every = "12 h"
dose = "0.5 mL/kg"
[[injury]]
cause = "viral"
start = "0 d"
stop = "1 d"
severity = 5.0
[[therapy]]
product = "msc"
cells = 20000
at = "1 h"
[[therapy]]
product = "bone_marrow_macrophages"
cells = 1e6
at = "1 h"
[[intervention]]
kind = "macrophage_depletion"
method = "clodronate"
start = "3 h"
stop = "4 h"
efficacy = 0.5
[mechanism]
hsc_direct = true
[liver]
lobules = 5
[output]
fields = ["tgf_beta", "collagen"]
fields_every = "2 h"
agents = ["macrophage", "hepatocyte", "neutrophil", "stellate_cell"]
agents_every = "2 h"
)"},
};

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("paracrine_catalogue_" + std::to_string(getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

sim::Catalogue everything() {
  sim::Catalogue all = models::catalogue();
  const sim::Catalogue toy = toy::catalogue();
  for (const sim::Part& part : toy.parts()) all.add(part);
  for (const sim::Disease& disease : toy.diseases()) all.add(disease);
  return all;
}

sim::Scenario scenario(const sim::Catalogue& catalogue, const std::string& model, const std::vector<std::string>& overrides = {}) {
  const std::string text = "model = \"" + model + "\"\n[time]\nduration = \"6 h\"\nrecord_every = \"30 min\"\n" + scenarios.at(model);
  return sim::parse_scenario(text, model + ".toml", ".", overrides, catalogue.model_info());
}

std::string digest_of_run(const sim::Catalogue& catalogue, const sim::Scenario& s, const std::string& file, int threads, double checkpoint_every_s) {
  sim::io::SessionOptions options;
  options.output = file;
  options.threads = threads;
  options.checkpoint_every_s = checkpoint_every_s;
  sim::io::run(catalogue, s, options);
  return sim::io::digest(file);
}

}  // namespace

TEST_CASE("catalogue: every model has a short run here", "[property]") {
  const sim::Catalogue catalogue = everything();
  for (const sim::Disease& disease : catalogue.diseases()) CHECK(scenarios.count(disease.name) == 1);
}

TEST_CASE("catalogue: every model gives the same file for 1, 2 and 7 threads, with and without checkpoints", "[property]") {
  const sim::Catalogue catalogue = everything();
  for (const auto& [model, text] : scenarios) {
    INFO(model);
    const Folder folder;
    const sim::Scenario s = scenario(catalogue, model);
    const std::string one = digest_of_run(catalogue, s, folder.file("1.h5"), 1, 0.0);
    CHECK(digest_of_run(catalogue, s, folder.file("2.h5"), 2, 0.0) == one);
    CHECK(digest_of_run(catalogue, s, folder.file("7.h5"), 7, 0.0) == one);
    CHECK(digest_of_run(catalogue, s, folder.file("c.h5"), 2, 1e-6) == one);  // a checkpoint after every visit
    CHECK(digest_of_run(catalogue, scenario(catalogue, model, {"seed=2"}), folder.file("s.h5"), 2, 0.0) != one);
  }
}

TEST_CASE("catalogue: every model resumed gives the same file as run through", "[property]") {
  const sim::Catalogue catalogue = everything();
  for (const auto& [model, text] : scenarios) {
    INFO(model);
    const Folder folder;
    const sim::Scenario s = scenario(catalogue, model);
    const std::string through = digest_of_run(catalogue, s, folder.file("through.h5"), 1, 0.0);
    for (const std::int64_t until_s : {0, 1200, 7200, 16200, 19800}) {
      INFO(until_s);
      sim::io::SessionOptions options;
      options.output = folder.file("r" + std::to_string(until_s) + ".h5");
      options.threads = 2;
      options.until_s = until_s;
      const auto first = sim::io::run(catalogue, s, options);
      REQUIRE(first.end == sim::io::SessionResult::End::until);
      sim::io::SessionOptions rest;
      rest.threads = 7;
      const auto second = sim::io::resume(catalogue, first.path, rest);
      REQUIRE(second.end == sim::io::SessionResult::End::complete);
      CHECK(sim::io::digest(second.path) == through);
    }
  }
}
