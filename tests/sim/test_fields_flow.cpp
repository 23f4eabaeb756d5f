#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/fields.hpp"
#include "tests/support/flow.hpp"

using namespace paracrine::sim;
using namespace paracrine::test;

namespace {

/// Largest |what flows in - what flows out| / through over the voxels with flow, from the streams alone; infinity when `through` or the total say
/// something else, or a voxel without flow has a stream.
double imbalance(const PotentialFlow& flow, const std::vector<PotentialFlow::Stream>& streams) {
  const std::size_t size = flow.through().size();
  std::vector<double> in = flow.inflow(), out = flow.outflow();
  for (const PotentialFlow::Stream& stream : streams) {
    in[stream.to] += stream.flow;
    out[stream.from] += stream.flow;
  }
  double largest = 0.0, entering = 0.0, leaving = 0.0;
  for (std::size_t v = 0; v < size; ++v) {
    entering += flow.inflow()[v];
    leaving += flow.outflow()[v];
    if (flow.through()[v] == 0.0 && (in[v] != 0.0 || out[v] != 0.0)) return std::numeric_limits<double>::infinity();
    if (flow.through()[v] > 0.0) largest = std::max({largest, std::abs(in[v] - out[v]) / in[v], std::abs(in[v] / flow.through()[v] - 1.0)});
  }
  if (flow.total() > 0.0) largest = std::max({largest, std::abs(entering / flow.total() - 1.0), std::abs(leaving / flow.total() - 1.0)});
  return largest;
}

double imbalance(const PotentialFlow& flow) { return imbalance(flow, flow.streams()); }

/// Every stream runs down the potential, in the order of `order`, which holds the voxels with flow by falling potential, ties by index.
bool well_ordered(const PotentialFlow& flow, const std::vector<std::uint32_t>& order) {
  std::vector<std::size_t> position(flow.through().size(), flow.through().size());
  for (std::size_t i = 0; i < order.size(); ++i) position[order[i]] = i;
  const std::vector<double>& p = flow.potential();
  for (std::size_t i = 1; i < order.size(); ++i)
    if (p[order[i - 1]] < p[order[i]] || (p[order[i - 1]] == p[order[i]] && order[i - 1] > order[i])) return false;
  std::size_t before = 0;
  for (const PotentialFlow::Stream& stream : flow.streams()) {
    if (!(stream.flow > 0.0) || position[stream.from] >= position[stream.to] || position[stream.from] < before) return false;
    before = position[stream.from];
  }
  for (std::size_t v = 0; v < position.size(); ++v)
    if ((position[v] < position.size()) != (flow.through()[v] > 0.0)) return false;
  return true;
}

/// Potential by a dense solve of the equation in the header, written without the grid's own neighbours: faces between all pairs.
std::vector<double> dense_potential(const Hexagon& h) {
  const Grid& grid = h.grid;
  const auto count = static_cast<Eigen::Index>(grid.size());
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(count, count);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(count);
  const Eigen::SparseMatrix<double> faces = face_matrix(grid);
  for (Eigen::Index i = 0; i < count; ++i) {
    const auto v = static_cast<std::size_t>(i);
    for (Eigen::Index j = 0; j < count; ++j) {
      const double open = i == j ? 0.0 : -faces.coeff(static_cast<int>(i), static_cast<int>(j)), a = h.conductance[v],
                   b = h.conductance[static_cast<std::size_t>(j)];
      if (open <= 0.0 || a * b <= 0.0) continue;
      matrix(i, i) += open * 2.0 * a * b / (a + b);
      matrix(i, j) -= open * 2.0 * a * b / (a + b);
    }
    if (matrix(i, i) == 0.0) {
      matrix(i, i) = 1.0;
      continue;
    }
    matrix(i, i) += h.inlet[v] + h.outlet[v];
    right[i] = h.inlet[v];
  }
  const Eigen::VectorXd p = matrix.fullPivLu().solve(right);
  return {p.data(), p.data() + count};
}

/// A row of voxels, inlet at the first and outlet at the last.
struct Row {
  Grid grid;
  std::vector<double> conductance, inlet, outlet;
  explicit Row(std::size_t n) : grid(n, 1, 1, 10.0), conductance(n, 1.0), inlet(n, 0.0), outlet(n, 0.0) { inlet.front() = outlet.back() = 2.0; }
  PotentialFlow flow() const { return PotentialFlow(grid, conductance, inlet, outlet); }
};

}  // namespace

TEST_CASE("flow: conductances in a row add up as resistances", "[analytic]") {
  Row row(7);
  CHECK_THAT(row.flow().total(), WithinRel(1.0 / (0.5 + 6.0 + 0.5), 1e-14));
  row.conductance = {1.0, 4.0, 0.5, 2.0, 1.0, 3.0, 0.1};
  double resistance = 1.0;
  for (std::size_t v = 0; v + 1 < 7; ++v) resistance += 0.5 / row.conductance[v] + 0.5 / row.conductance[v + 1];
  const PotentialFlow flow = row.flow();
  CHECK_THAT(flow.total(), WithinRel(1.0 / resistance, 1e-13));
  CHECK_FALSE(std::abs(flow.total() * 1.0001 - 1.0 / resistance) < 1e-13);
  CHECK_THAT(flow.potential()[0], WithinRel(1.0 - 0.5 / resistance, 1e-13));
  CHECK(flow.order() == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6});
  CHECK(flow.streams().size() == 6);
  CHECK(imbalance(flow) < 1e-15);
}

TEST_CASE("flow: an inlet that holds the potential gives the flow to full precision", "[analytic]") {
  for (const double held : {1e6, 1e12, 1e18}) {
    Row row(5);
    row.inlet.front() = row.outlet.back() = held;
    const PotentialFlow flow = row.flow();
    CHECK_THAT(flow.total(), WithinRel(1.0 / (4.0 + 2.0 / held), 1e-13));
    CHECK_THAT(flow.potential()[2], WithinRel(0.5, 1e-13));
    CHECK(imbalance(flow) < 1e-15);
    if (held == 1e18) CHECK_FALSE(std::abs(held * (1.0 - flow.potential()[0]) * 4.0 - 1.0) < 1e-3);  // what 1 - p would make of it
  }
}

TEST_CASE("flow: parallel channels do not know of each other", "[analytic]") {
  const std::size_t nx = 8, ny = 3;
  const Grid grid =
      Grid::prism(nx, ny, 2, 10.0, std::vector<double>(nx * ny, 1.0), std::vector<double>(nx * ny, 1.0), std::vector<double>(nx * ny, 0.0));
  std::vector<double> conductance(grid.size()), inlet(grid.size(), 0.0), outlet(grid.size(), 0.0);
  double expected = 0.0;
  for (std::size_t z = 0; z < 2; ++z)
    for (std::size_t y = 0; y < ny; ++y) {
      for (std::size_t x = 0; x < nx; ++x) conductance[grid.index(x, y, z)] = 1.0 + static_cast<double>(y);
      inlet[grid.index(0, y, z)] = outlet[grid.index(nx - 1, y, z)] = 2.0 * (1.0 + static_cast<double>(y));
      expected += (1.0 + static_cast<double>(y)) / static_cast<double>(nx);
    }
  const PotentialFlow flow(grid, conductance, inlet, outlet);
  CHECK_THAT(flow.total(), WithinRel(expected, 1e-13));
  for (std::size_t z = 0; z < 2; ++z)
    for (std::size_t y = 0; y < ny; ++y)
      for (std::size_t x = 0; x < nx; ++x)
        CHECK_THAT(flow.through()[grid.index(x, y, z)], WithinRel((1.0 + static_cast<double>(y)) / static_cast<double>(nx), 1e-12));
}

TEST_CASE("flow: the potential agrees with a dense solve of its equation", "[unit]") {
  for (const std::size_t closed : {0u, 7u, 3u}) {
    Hexagon h(75.0, 2, 10.0, closed);
    for (std::size_t v = 0; v < h.grid.size(); ++v) h.conductance[v] *= 0.2 + 0.1 * static_cast<double>(scatter(v, 20, 1));
    const PotentialFlow flow = h.flow();
    const std::vector<double> expected = dense_potential(h);
    for (const std::uint32_t v : flow.order()) CHECK_THAT(flow.potential()[v], WithinAbs(expected[v], 1e-12));
    h.conductance[flow.order()[flow.order().size() / 2]] *= 1.01;
    CHECK_FALSE(largest_difference(flow.potential(), h.flow().potential()) < 1e-12);
  }
}

TEST_CASE("flow: what flows into a voxel flows out of it", "[property]") {
  for (const std::size_t closed : {0u, 9u, 4u, 3u, 2u})
    for (const double spacing : {19.2, 9.6}) {
      Hexagon h(284.3, 2, spacing, closed);
      for (std::size_t v = 0; v < h.grid.size(); ++v) h.conductance[v] *= std::pow(10.0, -0.4 * static_cast<double>(scatter(v, 11, 2)));
      const PotentialFlow flow = h.flow();
      INFO("every " << closed << "-th voxel closed, spacing " << spacing << ": " << flow.order().size() << " with flow, total " << flow.total());
      if (closed != 2) REQUIRE(flow.order().size() > h.grid.size() / 8);
      CHECK(imbalance(flow) < 1e-14);
      CHECK(well_ordered(flow, flow.order()));
      for (const double p : flow.potential()) REQUIRE((p >= 0.0 && p <= 1.0 + 1e-12));
      if (flow.streams().empty()) continue;
      std::vector<PotentialFlow::Stream> wrong = flow.streams();
      wrong[wrong.size() / 2].flow *= 1.0 + 1e-11;
      CHECK_FALSE(imbalance(flow, wrong) < 1e-14);
    }
}

TEST_CASE("flow: the order is that of falling potential, and of the index where potentials are equal", "[property]") {
  const Grid grid(4, 3, 1, 10.0);
  std::vector<double> conductance(12, 1.0), inlet(12, 0.0), outlet(12, 0.0);
  for (std::size_t y = 0; y < 3; ++y) inlet[grid.index(3, y, 0)] = outlet[grid.index(0, y, 0)] = 1.0;
  const PotentialFlow flow(grid, conductance, inlet, outlet);
  CHECK(well_ordered(flow, flow.order()));
  std::vector<std::uint32_t> wrong = flow.order();
  std::sort(wrong.begin(), wrong.end());
  CHECK_FALSE(well_ordered(flow, wrong));
  wrong = flow.order();
  std::swap(wrong[4], wrong[5]);
  CHECK_FALSE(well_ordered(flow, wrong));
  const PotentialFlow again(grid, conductance, inlet, outlet);
  CHECK(again.potential() == flow.potential());
  CHECK(again.order() == flow.order());
  CHECK(again.through() == flow.through());
}

TEST_CASE("flow: a hexagon's flow has its symmetry", "[property]") {
  const Hexagon h(284.3, 1, 19.2);
  const PotentialFlow flow = h.flow();
  const Grid& grid = h.grid;
  double largest = 0.0, shifted = 0.0, mean = 0.0;
  for (std::size_t y = 0; y < grid.ny(); ++y)
    for (std::size_t x = 0; x < grid.nx(); ++x) {
      const double here = flow.through()[grid.index(x, y, 0)];
      mean += here / static_cast<double>(grid.size());
      largest = std::max(largest, std::abs(here - flow.through()[grid.index(grid.nx() - 1 - x, y, 0)]));
      largest = std::max(largest, std::abs(here - flow.through()[grid.index(x, grid.ny() - 1 - y, 0)]));
      shifted = std::max(shifted, std::abs(here - flow.through()[grid.index(grid.nx() - 1 - x, (y + 1) % grid.ny(), 0)]));
    }
  CHECK(largest < 1e-11 * mean);
  CHECK(shifted > 0.01 * mean);
}

TEST_CASE("flow: total flow of a hexagon converges with second order, which whole faces at the edge would not", "[convergence]") {
  const double radius = 284.3;
  const double reference = Hexagon(radius, 1, 2.0).flow().total();
  std::vector<double> spacings = {27.1, 19.2, 13.6, 9.6, 6.8, 4.8}, error, error_of_whole;
  for (const double spacing : spacings) {
    const Hexagon h(radius, 1, spacing);
    error.push_back(std::abs(h.flow().total() / reference - 1.0));
    const std::vector<double> whole(h.grid.size(), 1.0);
    const Grid open = Grid::prism(h.grid.nx(), h.grid.ny(), 1, spacing, h.grid.volume_fraction(), whole, whole);
    error_of_whole.push_back(std::abs(PotentialFlow(open, h.conductance, h.inlet, h.outlet).total() / reference - 1.0));
    UNSCOPED_INFO("spacing " << spacing << " um: error " << error.back() << ", with whole faces " << error_of_whole.back());
  }
  CHECK(order(spacings, error) > 1.6);
  CHECK(error.back() < 1e-3);
  CHECK_FALSE(order(spacings, error_of_whole) > 1.6);
}

TEST_CASE("flow: what is not joined to inlet and outlet has none", "[unit]") {
  // Columns of a 7 x 3 box: x = 2 is closed but at y = 1; the row y = 0 left of it is a dead end beyond a closed voxel.
  const Grid grid(7, 3, 1, 10.0);
  std::vector<double> conductance(21, 1.0), inlet(21, 0.0), outlet(21, 0.0);
  const auto at = [&](std::size_t x, std::size_t y) { return grid.index(x, y, 0); };
  for (std::size_t y = 0; y < 3; ++y) conductance[at(4, y)] = 0.0;  // the right part is cut off, with an outlet of its own
  inlet[at(0, 1)] = outlet[at(3, 1)] = 1.0;
  for (std::size_t x = 0; x < 4; ++x) conductance[at(x, 0)] = conductance[at(x, 2)] = 0.0;
  conductance[at(1, 0)] = 1.0;  // a dead end of one voxel
  outlet[at(6, 1)] = 1.0;
  const PotentialFlow flow(grid, conductance, inlet, outlet);
  CHECK_THAT(flow.total(), WithinRel(1.0 / 5.0, 1e-14));
  CHECK(flow.order() == std::vector<std::uint32_t>{7, 8, 9, 10});
  for (std::size_t v = 0; v < 21; ++v) CHECK_THAT(flow.through()[v], WithinAbs(v >= 7 && v <= 10 ? 0.2 : 0.0, 1e-14));
  CHECK_THAT(flow.potential()[at(1, 0)], WithinRel(flow.potential()[at(1, 1)], 1e-14));
  CHECK(flow.potential()[at(6, 0)] == 0.0);
  CHECK(flow.potential()[at(4, 0)] == 0.0);

  inlet[at(6, 1)] = 1.0;
  outlet[at(6, 1)] = 0.0;  // now joined to the inlet alone
  CHECK(PotentialFlow(grid, conductance, inlet, outlet).potential()[at(6, 0)] == 1.0);
  CHECK(PotentialFlow(grid, conductance, inlet, outlet).total() == flow.total());
  conductance[at(2, 1)] = 0.0;
  const PotentialFlow none(grid, conductance, inlet, outlet);
  CHECK(none.total() == 0.0);
  CHECK(none.order().empty());
  CHECK(none.streams().empty());
}

TEST_CASE("flow: a pocket behind one opening has no flow, whatever the rounding", "[property]") {
  Hexagon h(284.3, 1, 19.2);
  const Grid& grid = h.grid;
  const std::size_t x0 = grid.nx() / 2 + 4, y0 = grid.ny() / 2;
  for (std::size_t y = y0 - 3; y <= y0 + 3; ++y)
    for (std::size_t x = x0 - 3; x <= x0 + 3; ++x) {
      h.inlet[grid.index(x, y, 0)] = h.outlet[grid.index(x, y, 0)] = 0.0;
      if (x == x0 - 3 || x == x0 + 3 || y == y0 - 3 || y == y0 + 3) h.conductance[grid.index(x, y, 0)] = 0.0;
    }
  h.conductance[grid.index(x0 - 3, y0, 0)] = 1.0;
  const PotentialFlow flow = h.flow();
  for (std::size_t y = y0 - 2; y <= y0 + 2; ++y)
    for (std::size_t x = x0 - 2; x <= x0 + 2; ++x) CHECK(flow.through()[grid.index(x, y, 0)] == 0.0);
  CHECK(flow.through()[grid.index(x0 - 3, y0, 0)] == 0.0);
  CHECK(flow.through()[grid.index(x0 - 4, y0, 0)] > 0.0);
  CHECK(imbalance(flow) < 1e-14);
  h.conductance[grid.index(x0 + 3, y0, 0)] = 1.0;
  CHECK(h.flow().through()[grid.index(x0, y0, 0)] > 0.0);
}

TEST_CASE("flow: two layers of a dead end do not exchange their rounding", "[property]") {
  const Grid grid(40, 12, 2, 10.0);
  std::vector<double> conductance(grid.size(), 1.0), inlet(grid.size(), 0.0), outlet(grid.size(), 0.0);
  std::size_t pocket = 0, without = 0;
  for (std::size_t z = 0; z < 2; ++z)
    for (std::size_t y = 0; y < 12; ++y)
      for (std::size_t x = 0; x < 40; ++x) {
        const std::size_t v = grid.index(x, y, z);
        conductance[v] = y == 1 && x != 20 ? 0.0 : 0.1 + 0.1 * static_cast<double>(scatter(y * 40 + x, 20));
        if (y == 0 && x == 0) inlet[v] = 1.0;
        if (y == 0 && x == 39) outlet[v] = 1.0;
      }
  const PotentialFlow flow(grid, conductance, inlet, outlet);
  for (std::size_t v = 0; v < grid.size(); ++v)
    if (v / 40 % 12 > 1) {
      ++pocket;
      without += flow.through()[v] == 0.0;
    }
  CHECK(without == pocket);
  CHECK(flow.order().size() == 80);
}

TEST_CASE("flow: what leads only to negligible flow has none itself", "[unit]") {
  // A channel of five; from its second voxel a way to a voxel that parts into two, each with 0.7e-9 of the mean.
  const std::vector<double> layer(15, 1.0);
  std::vector<double> face_x(15, 0.0), face_y(15, 0.0), inlet(15, 0.0), outlet(15, 0.0), conductance(15, 0.0);
  for (std::size_t x = 0; x < 5; ++x) face_x[x] = conductance[x] = 1.0;
  face_y[1] = face_x[5 + 1] = face_y[5 + 1] = conductance[5 + 1] = conductance[5 + 2] = conductance[10 + 1] = 1.0;
  inlet[0] = outlet[4] = 2.0;
  const double mean = 0.2 * 5.0 / 8.0;
  const auto side = [&](double share) {
    outlet[5 + 2] = outlet[10 + 1] = share * PotentialFlow::negligible * mean / 0.7;  // at a potential of 0.7
    return PotentialFlow(Grid::prism(5, 3, 1, 10.0, layer, face_x, face_y), conductance, inlet, outlet);
  };
  const PotentialFlow below = side(0.7), above = side(1.1);
  CHECK(below.order() == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
  CHECK(imbalance(below) < 1e-15);
  CHECK(above.order().size() == 8);
  CHECK(imbalance(above) < 1e-15);
}

TEST_CASE("flow: bad inputs are refused", "[unit]") {
  const Row good(3);
  const auto refusal = [&](auto change) {
    Row row = good;
    change(row);
    return message_of<std::invalid_argument>([&] { row.flow(); });
  };
  CHECK(refusal([](Row&) {}).empty());
  CHECK(refusal([](Row& r) { r.conductance.pop_back(); }) == "the conductance of a flow has 2 values for a grid of 3 voxels");
  CHECK(refusal([](Row& r) { r.inlet.push_back(0.0); }) == "the inlet of a flow has 4 values for a grid of 3 voxels");
  CHECK(refusal([](Row& r) { r.outlet.clear(); }) == "the outlet of a flow has 0 values for a grid of 3 voxels");
  CHECK(refusal([](Row& r) { r.conductance[1] = -2.0; }) == "the conductance of voxel 1 is -2: it must be finite and not negative");
  CHECK(refusal([](Row& r) { r.inlet[2] = std::nan(""); }) == "the inlet of voxel 2 is nan: it must be finite and not negative");
  CHECK(refusal([](Row& r) { r.outlet[0] = HUGE_VAL; }) == "the outlet of voxel 0 is inf: it must be finite and not negative");
  CHECK(refusal([](Row& r) { r.inlet[0] = 0.0; }) == "the inlet of a flow is 0 everywhere in the domain");
  CHECK(refusal([](Row& r) { r.outlet[2] = 0.0; }) == "the outlet of a flow is 0 everywhere in the domain");
}
