// The linear part of the compartments against exact solutions. Every check is repeated with a planted error of one part in a million, which it must
// see.
#include <Eigen/Core>
#include <cmath>
#include <functional>
#include <unsupported/Eigen/MatrixFunctions>
#include <vector>

#include "sim/compartments/compartments.hpp"
#include "sim/core/random.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

namespace {

constexpr double ln2 = 0.693147180559945309;

bool agree(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  double scale = 0.0;
  for (const double value : b) scale = std::max(scale, std::abs(value));
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) <= tolerance * scale)) return false;
  return a.size() == b.size();
}

/// `simulate(error)` runs with every rate multiplied by 1 + error.
void require_exact(const std::function<std::vector<double>(double)>& simulate, const std::vector<double>& exact, double tolerance) {
  REQUIRE(agree(simulate(0.0), exact, tolerance));
  REQUIRE_FALSE(agree(simulate(1e-6), exact, tolerance));
  REQUIRE_FALSE(agree(simulate(-1e-6), exact, tolerance));
}

}  // namespace

TEST_CASE("compartments: one pool decays exponentially, and its transfer and exposure are exact", "[analytic]") {
  const double k = 0.7, x0 = 5.0, t = 3.0;
  const auto simulate = [&](double error) {
    Compartments c;
    const auto blood = c.add_pool("blood", "1", 2.0), gone = c.add_pool("gone", "1");
    const auto uptake = c.add_uptake("clearance", blood, gone);
    c.set_clearance(uptake, 2.0 * k * (1.0 + error));
    c.receive(blood, x0);
    double exposure = 0.0;
    for (int i = 0; i < 30; ++i) {
      c.step(t / 30);
      exposure += c.exposure_h_per_mL(uptake);
    }
    return std::vector<double>{c.amount(blood), c.amount(gone), c.taken_up(uptake), exposure, c.concentration_per_mL(blood)};
  };
  const double left = x0 * std::exp(-k * t);
  require_exact(simulate, {left, x0 - left, x0 - left, (x0 - left) / k / 2.0, left / 2.0}, 1e-13);
}

TEST_CASE("compartments: two pools exchange as their two exponentials say", "[analytic]") {
  const double a = 2.0, b = 0.5, x0 = 1.0, t = 1.3;
  const auto simulate = [&](double error) {
    Compartments c;
    const auto one = c.add_pool("one", "1"), two = c.add_pool("two", "1");
    c.add_flow("there", one, two, a * (1.0 + error));
    c.add_flow("back", two, one, b * (1.0 + error));
    c.receive(one, x0);
    for (int i = 0; i < 13; ++i) c.step(t / 13);
    return std::vector<double>{c.amount(one), c.amount(two), c.transferred(0), c.transferred(1)};
  };
  const double s = a + b, e = std::exp(-s * t);
  const double integral_one = x0 * (b * t / s + a * (1.0 - e) / (s * s)), integral_two = x0 * (a * t / s - a * (1.0 - e) / (s * s));
  require_exact(simulate, {x0 * (b + a * e) / s, x0 * a * (1.0 - e) / s, a * integral_one, b * integral_two}, 1e-13);
}

TEST_CASE("compartments: a chain of five equal rates gives the gamma distribution", "[analytic]") {
  const double k = 1.5, t = 2.0;
  const auto simulate = [&](double error) {
    Compartments c;
    for (int i = 0; i < 6; ++i) c.add_pool("stage " + std::to_string(i), "1");
    for (int i = 0; i < 5; ++i) c.add_flow("step", i, i + 1, k * (1.0 + error));
    c.receive(0, 1.0);
    for (int i = 0; i < 4; ++i) c.step(t / 4);
    std::vector<double> amounts;
    for (int i = 0; i < 6; ++i) amounts.push_back(c.amount(i));
    return amounts;
  };
  std::vector<double> exact;
  double term = std::exp(-k * t), rest = 1.0;
  for (int i = 0; i < 5; ++i) {
    exact.push_back(term);
    rest -= term;
    term *= k * t / (i + 1);
  }
  exact.push_back(rest);
  require_exact(simulate, exact, 1e-13);
}

TEST_CASE("compartments: an inflow over the step enters at a constant rate", "[analytic]") {
  const double k = 0.9, h = 0.5, w = 4.0;
  const auto simulate = [&](double error) {
    Compartments c;
    const auto blood = c.add_pool("blood", "1"), gone = c.add_pool("gone", "1");
    c.add_flow("loss", blood, gone, k * (1.0 + error));
    c.receive_over_step(blood, w);
    REQUIRE(c.amount(blood) == w);
    REQUIRE(c.received(blood) == w);
    c.step(h);
    const double first = c.amount(blood), lost = c.transferred(0);
    c.step(h);
    return std::vector<double>{first, lost, c.amount(blood)};
  };
  const double first = w / h * (1.0 - std::exp(-k * h)) / k;
  require_exact(simulate, {first, w - first, first * std::exp(-k * h)}, 1e-13);
}

TEST_CASE("compartments: a random network follows the plain matrix exponential", "[analytic][property]") {
  constexpr int n = 9;
  const Random random(17, 0, ProcessStream(1));
  const auto rate = [&](int i, int j) {
    const auto u = random.uniforms(agent_id(1, static_cast<std::uint64_t>(i * n + j + 1)), 0);
    return u[0] < 0.4 ? std::pow(10.0, -2.0 + 3.0 * u[1]) : 0.0;
  };
  const double h = 0.25;
  Eigen::Matrix<double, n, n> a = Eigen::Matrix<double, n, n>::Zero();
  Eigen::Matrix<double, n, 1> x;
  for (int i = 0; i < n; ++i) {
    x(i) = 1.0 + i;
    for (int j = 0; j < n; ++j)
      if (i != j && j != 4) {  // pool 4 loses nothing
        a(j, j) -= rate(i, j);
        a(i, j) += rate(i, j);
      }
  }
  const Eigen::Matrix<double, n, n> scaled = a * (h * 8);
  const Eigen::Matrix<double, n, 1> end = scaled.exp() * x;
  const auto simulate = [&](double error) {
    Compartments c;
    for (int i = 0; i < n; ++i) c.add_pool("pool " + std::to_string(i), "1");
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        if (i != j && j != 4 && rate(i, j) > 0.0) c.add_flow("flow", j, i, rate(i, j) * (1.0 + error));
    for (int i = 0; i < n; ++i) c.receive(i, 1.0 + i);
    for (int i = 0; i < 8; ++i) c.step(h);
    std::vector<double> amounts;
    for (int i = 0; i < n; ++i) amounts.push_back(c.amount(i));
    return amounts;
  };
  require_exact(simulate, std::vector<double>(end.data(), end.data() + n), 1e-12);
}

TEST_CASE("compartments: half-lives from one minute to a hundred days in one chain, at steps of an hour, stay exact", "[analytic]") {
  const double fast = ln2 * 60.0, slow = ln2 / 2400.0, t = 240.0;
  const auto simulate = [&](double error) {
    Compartments c;
    const auto blood = c.add_pool("blood", "1"), tissue = c.add_pool("tissue", "1"), gone = c.add_pool("gone", "1");
    c.add_flow("uptake", blood, tissue, fast * (1.0 + error));
    c.add_flow("loss", tissue, gone, slow * (1.0 + error));
    c.receive(blood, 1e6);
    for (int i = 0; i < 240; ++i) c.step(1.0);
    REQUIRE(c.amount(blood) >= 0.0);
    REQUIRE(c.amount(blood) < 1e-6);
    return std::vector<double>{c.amount(tissue), c.amount(gone)};
  };
  const double tissue = 1e6 * fast / (fast - slow) * (std::exp(-slow * t) - std::exp(-fast * t));
  require_exact(simulate, {tissue, 1e6 - tissue}, 1e-12);
}

TEST_CASE("compartments: the result does not depend on how a span is divided into steps", "[property]") {
  const auto simulate = [](int steps, double extra) {
    Compartments c;
    const auto a = c.add_pool("a", "1"), b = c.add_pool("b", "1"), gone = c.add_pool("gone", "1");
    c.add_flow("ab", a, b, 3.0);
    c.add_flow("ba", b, a, 1.0);
    c.add_flow("loss", b, gone, 0.4);
    c.receive(a, 100.0);
    for (int i = 0; i < steps; ++i) c.step(2.0 / steps * (1.0 + extra));
    return std::vector<double>{c.amount(a), c.amount(b), c.amount(gone)};
  };
  REQUIRE(agree(simulate(1, 0.0), simulate(1000, 0.0), 1e-12));
  REQUIRE_FALSE(agree(simulate(1, 0.0), simulate(1000, 1e-6), 1e-12));
}

TEST_CASE("compartments: a rate that changes between steps is used from then on", "[analytic]") {
  Compartments c;
  const auto a = c.add_pool("a", "1"), gone = c.add_pool("gone", "1");
  const auto loss = c.add_flow("loss", a, gone, 1.0);
  c.receive(a, 1.0);
  c.step(0.5);
  c.set_flow_rate(loss, 2.0);
  c.step(0.5);
  c.step(0.25);
  REQUIRE_THAT(c.amount(a), Catch::Matchers::WithinRel(std::exp(-2.0), 1e-13));
}
