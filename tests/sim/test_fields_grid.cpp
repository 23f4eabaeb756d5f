#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

/// An archive in memory.
class Memory final : public Archive {
 public:
  bool loading() const override { return loading_; }
  void enter(std::string_view) override {}
  void leave() override {}
  void array(std::string_view name, ElementType type, std::size_t count, const std::function<void*(std::size_t)>& data) override {
    std::vector<char>& bytes = stored_[std::string(name)];
    if (loading_) {
      if (!bytes.empty())
        std::memcpy(data(bytes.size() / size_of(type)), bytes.data(), bytes.size());
      else
        data(0);
    } else {
      bytes.resize(count * size_of(type));
      if (count > 0) std::memcpy(bytes.data(), data(count), bytes.size());
    }
  }
  void turn() { loading_ = true; }

 private:
  bool loading_ = false;
  std::map<std::string, std::vector<char>> stored_;
};

double hexagon_area(double circumradius) { return 1.5 * std::numbers::sqrt3 * circumradius * circumradius; }

bool in_hexagon(double x, double y, double circumradius) {
  const double apothem = 0.5 * std::numbers::sqrt3 * circumradius;
  return std::abs(x) <= apothem && 0.5 * std::abs(x) + 0.5 * std::numbers::sqrt3 * std::abs(y) <= apothem;
}

}  // namespace

TEST_CASE("grid: a full box has whole voxels and open faces up to its edge", "[unit]") {
  const Grid grid(3, 2, 2, 5.0);
  CHECK(grid.full());
  CHECK(grid.domain_volume_um3() == 12 * 125.0);
  CHECK(grid.face_fraction(0)[grid.index(1, 0, 0)] == 1.0);
  CHECK(grid.face_fraction(0)[grid.index(2, 0, 0)] == 0.0);
  CHECK(grid.face_fraction(1)[grid.index(0, 1, 0)] == 0.0);
  CHECK(grid.face_fraction(2)[grid.index(0, 0, 1)] == 0.0);
  CHECK(grid.x_um(1) == 0.0);
  CHECK(grid.y_um(0) == -2.5);
}

TEST_CASE("grid: the hexagon's volume is exact for every ratio of radius and spacing, slivers included", "[property]") {
  bool staircase_is_exact = true;
  for (int i = 0; i < 400; ++i) {
    const double circumradius = 20.0 + 0.7131 * i, spacing = 19.2;
    const Grid grid = Grid::hexagonal_prism(circumradius, 2, spacing);
    const double exact = hexagon_area(circumradius) * 2.0 * spacing;
    REQUIRE_THAT(grid.domain_volume_um3(), WithinRel(exact, 1e-12));
    for (const double fraction : grid.volume_fraction()) REQUIRE((fraction == 0.0 || fraction >= Grid::smallest_fraction));
    staircase_is_exact = staircase_is_exact && std::abs(staircase(grid).domain_volume_um3() / exact - 1.0) < 1e-12;
  }
  CHECK_FALSE(staircase_is_exact);
}

TEST_CASE("grid: a sliver below the smallest fraction is closed and its volume kept", "[unit]") {
  const double spacing = 10.0, apothem = 40.0 + 1e-6, circumradius = apothem * 2.0 / std::numbers::sqrt3;
  const Grid with_slivers = Grid::hexagonal_prism(circumradius, 1, spacing);
  REQUIRE(with_slivers.nx() == 9);  // half a voxel beyond on each side: no sliver here
  const Grid grid = Grid::hexagonal_prism((35.0 + 1e-6) * 2.0 / std::numbers::sqrt3, 1, spacing);
  REQUIRE(grid.nx() == 8);
  std::size_t closed = 0;
  for (std::size_t v = 0; v < grid.size(); ++v) closed += grid.inside(v) ? 0 : 1;
  CHECK(closed > 0);
  CHECK_THAT(grid.domain_volume_um3(), WithinRel(hexagon_area((35.0 + 1e-6) * 2.0 / std::numbers::sqrt3) * spacing, 1e-13));
}

TEST_CASE("grid: cut voxels and faces agree with counting points inside", "[analytic]") {
  const double circumradius = 61.3, spacing = 10.0;
  const Grid grid = Grid::hexagonal_prism(circumradius, 1, spacing);
  constexpr int points = 200;
  for (std::size_t y = 0; y < grid.ny(); ++y)
    for (std::size_t x = 0; x < grid.nx(); ++x) {
      int inside = 0, on_x = 0, on_y = 0;
      for (int i = 0; i < points; ++i) {
        const double a = ((i + 0.5) / points - 0.5) * spacing;
        on_x += in_hexagon(grid.x_um(x) + 0.5 * spacing, grid.y_um(y) + a, circumradius) ? 1 : 0;
        on_y += in_hexagon(grid.x_um(x) + a, grid.y_um(y) + 0.5 * spacing, circumradius) ? 1 : 0;
        for (int j = 0; j < points; ++j)
          inside += in_hexagon(grid.x_um(x) + a, grid.y_um(y) + ((j + 0.5) / points - 0.5) * spacing, circumradius) ? 1 : 0;
      }
      const std::size_t v = grid.index(x, y, 0);
      CHECK_THAT(grid.volume_fraction()[v], WithinAbs(inside / (1.0 * points * points), 0.01));
      if (x + 1 < grid.nx()) CHECK_THAT(grid.face_fraction(0)[v], WithinAbs(on_x / (1.0 * points), 0.01));
      if (y + 1 < grid.ny()) CHECK_THAT(grid.face_fraction(1)[v], WithinAbs(on_y / (1.0 * points), 0.01));
    }
}

TEST_CASE("grid: the hexagon has two edges parallel to y, corners on the y axis and the smallest box", "[unit]") {
  const Grid grid = Grid::hexagonal_prism(284.0, 3, 19.2);
  CHECK(grid.nx() == 26);
  CHECK(grid.ny() == 30);
  CHECK(grid.nz() == 3);
  CHECK_FALSE(grid.full());
  CHECK_THAT(grid.domain_volume_um3() / grid.voxel_volume_um3() / 3.0, WithinAbs(568.4, 0.1));
  const std::size_t plane = grid.nx() * grid.ny();
  for (std::size_t p = 0; p < plane; ++p) {
    CHECK_THAT(grid.volume_fraction()[p], WithinAbs(grid.volume_fraction()[plane - 1 - p], 1e-12));  // turned by half
    CHECK(grid.face_fraction(2)[p] == grid.volume_fraction()[p]);
    CHECK(grid.face_fraction(2)[p + 2 * plane] == 0.0);
  }
}

TEST_CASE("grid: cut from a coarser grid, every voxel lies in one of its voxels", "[unit][property]") {
  for (const double circumradius : {284.0, 291.0, 303.0, 310.0}) {
    const Grid coarse = Grid::hexagonal_prism(circumradius, 1, 19.2);
    for (const std::size_t cut : {2, 3}) {
      const Grid fine = Grid::hexagonal_prism(circumradius, 1, 19.2 / static_cast<double>(cut), cut);
      REQUIRE(fine.nx() == cut * coarse.nx());
      REQUIRE(fine.ny() == cut * coarse.ny());
      CHECK_THAT(fine.domain_volume_um3() * static_cast<double>(cut), WithinRel(coarse.domain_volume_um3(), 1e-9));
      for (std::size_t x = 0; x < fine.nx(); ++x) REQUIRE(std::abs(fine.x_um(x) - coarse.x_um(x / cut)) < 0.5 * 19.2);
    }
  }
  CHECK_THROWS_AS(Grid::hexagonal_prism(284.0, 1, 19.2, 0), std::invalid_argument);
}

TEST_CASE("grid: impossible boxes and fractions are refused", "[unit]") {
  CHECK_THROWS_AS(Grid(0, 1, 1, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(Grid(1, 1, 1, 0.0), std::invalid_argument);
  CHECK_THROWS_AS(Grid(1, 1, 1, std::numeric_limits<double>::quiet_NaN()), std::invalid_argument);
  CHECK_THROWS_AS(Grid::hexagonal_prism(-1.0, 1, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(Grid::hexagonal_prism(10.0, 1, -1.0), std::invalid_argument);
  CHECK_THROWS_AS(Grid::hexagonal_prism(10.0, 0, 1.0), std::invalid_argument);
  CHECK_THROWS_AS(Grid::prism(2, 1, 1, 1.0, {1.0}, {1.0, 1.0}, {1.0, 1.0}), std::invalid_argument);
  CHECK_THROWS_AS(Grid::prism(1, 1, 1, 1.0, {-1.0}, {1.0}, {1.0}), std::invalid_argument);
}

TEST_CASE("field: a checkpoint holds values, uptake and source, also when one is empty", "[unit]") {
  const Grid grid = Grid::hexagonal_prism(50.0, 2, 10.0);
  Field field("tnf", "ng/mL", grid);
  field.value = sample(grid, [](double x, double y, std::size_t z) { return std::sin(x) + std::cos(y) + static_cast<double>(z); });
  field.source_per_s = sample(grid, [](double x, double, std::size_t) { return x; });
  Memory archive;
  field.archive(archive, grid.size());
  archive.turn();
  Field back("tnf", "ng/mL", grid);
  back.uptake_per_s.assign(grid.size(), 1.0);
  back.archive(archive, grid.size());
  CHECK(back.value == field.value);
  CHECK(back.source_per_s == field.source_per_s);
  CHECK(back.uptake_per_s.empty());
}

TEST_CASE("field: the amount counts each voxel by its open volume", "[analytic]") {
  const Grid grid = Grid::hexagonal_prism(50.0, 2, 10.0);
  Field field("tnf", "ng/mL", grid);
  field.value.assign(grid.size(), 2.0);
  CHECK_THAT(amount(field, grid), WithinRel(2.0 * hexagon_area(50.0) * 20.0, 1e-12));
}
