#include "sim/io/run_title.hpp"
#include "tests/support/catch.hpp"

using paracrine::sim::io::run_title;

TEST_CASE("run title: it names what was set beside the scenario", "[unit]") {
  CHECK(run_title("One million MSC", {}) == "One million MSC");
  CHECK(run_title("One million MSC", {"therapy.0.cells=5e5"}) == "One million MSC [therapy.0.cells = 5e5]");
  CHECK(run_title("One million MSC", {"therapy.0.cells = 5e5", "time.duration=\"2 d\""}) ==
        "One million MSC [therapy.0.cells = 5e5, time.duration = 2 d]");
  CHECK(run_title("", {"therapy.0.cells=5e5"}) == "[therapy.0.cells = 5e5]");
}

TEST_CASE("run title: the seed, the title itself and the output are left out, and the last value counts", "[unit]") {
  CHECK(run_title("A", {"seed=7", "title=\"A\"", "output.fields=[]", "output={ lobules = false }"}) == "A");
  CHECK(run_title("A", {"therapy.0.cells=1", "seed=7", "therapy.0.cells=2"}) == "A [therapy.0.cells = 2]");
}

TEST_CASE("run title: long values are cut, and many overrides counted", "[unit]") {
  CHECK(run_title("A", {"therapy=[{ product = \"msc\", cells = 1e6, route = \"portal_vein\" }]"}) == "A [therapy = [{ product = \"msc\", c...]");
  CHECK(run_title("A", {"parameters.chemotaxis.macrophage_speed=4 um/min", "time.duration=28 d", "liver.lobules=8", "therapy.0.cells=5e5"}) ==
        "A [parameters.chemotaxis.macrophage_speed = 4 um/min, time.duration = 28 d and 2 more]");
  CHECK(run_title("A", {"note=\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5"
                        "\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5"}) ==
        "A [note = \xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5"
        "\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5\xC2\xB5...]");
}
