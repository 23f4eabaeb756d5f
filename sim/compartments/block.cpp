#include "sim/compartments/block.hpp"

#include <algorithm>
#include <cmath>

namespace paracrine::sim {

namespace {
constexpr double smallest_substep = 1e-9;  // of the step
}  // namespace

void Block::add_edge(std::size_t id, const Edge& edge) {
  const auto place = [this](PoolIndex pool) {
    const auto found = std::find(pools_.begin(), pools_.end(), pool);
    return found == pools_.end() ? outside : static_cast<std::size_t>(found - pools_.begin());
  };
  if (edge.kind == Kind::saturable) saturable_.push_back(losses_.size());
  losses_.push_back({.id = id, .from = place(edge.from), .to = place(edge.to), .edge = edge});
}

void Block::finish() {
  const std::size_t n = pools_.size();
  generator_.resize(n * n);
  for (std::vector<double>* values : {&start_, &waiting_, &inflow_, &middle_, &end_, &integral_, &part_}) values->assign(n, 0.0);
  rate_start_.resize(saturable_.size());
  rate_middle_.resize(saturable_.size());
}

void Block::set_rates(std::span<const double> coefficients) {
  for (Loss& loss : losses_) {
    if (loss.edge.kind == Kind::linear) loss.rate_per_h = coefficients[loss.id];
    if (loss.edge.kind == Kind::uptake) loss.rate_per_h = coefficients[loss.id] / loss.edge.volume_mL;
  }
}

void Block::set_saturable_rates(std::span<const double> coefficients, std::span<const double> x) {
  for (const std::size_t place : saturable_) {
    Loss& loss = losses_[place];
    loss.rate_per_h = coefficients[loss.id] / (loss.edge.half_saturation + std::max(x[loss.from], 0.0));
  }
}

void Block::fill_generator() {
  const std::size_t n = pools_.size();
  std::fill(generator_.begin(), generator_.end(), 0.0);
  for (const Loss& loss : losses_) {
    generator_[loss.from * n + loss.from] -= loss.rate_per_h;
    if (loss.to != outside) generator_[loss.to * n + loss.from] += loss.rate_per_h;
  }
}

std::optional<std::size_t> Block::advance(double step_h, std::span<const double> amounts, std::span<const double> waiting,
                                          std::span<const double> coefficients) {
  bool empty = true;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    start_[i] = amounts[pools_[i]];
    waiting_[i] = waiting[pools_[i]];
    empty = empty && start_[i] == 0.0 && waiting_[i] == 0.0;
  }
  std::fill(integral_.begin(), integral_.end(), 0.0);
  for (Loss& loss : losses_) loss.transferred = 0.0;
  if (empty) return std::nullopt;
  if (!saturable_.empty()) {
    set_rates(coefficients);
    return advance_by_substeps(step_h, coefficients);
  }
  if (known_step_h_ != step_h) {
    set_rates(coefficients);
    fill_generator();
    propagator_.compute(generator_, pools_.size(), step_h);
    known_step_h_ = step_h;
  }
  propagator_.integrate(start_, waiting_, integral_);
  for (Loss& loss : losses_) loss.transferred = loss.rate_per_h * integral_[loss.from];
  return std::nullopt;
}

/// One sub-step with the present rates: integrals into part_, amounts into `end`.
void Block::follow(double step_h, std::span<const double> start, std::span<double> end) {
  fill_generator();
  propagator_.compute(generator_, pools_.size(), step_h);
  propagator_.integrate(start, inflow_, part_);
  for (std::size_t i = 0; i < pools_.size(); ++i) end[i] = start[i] + inflow_[i];
  for (const Loss& loss : losses_) {
    const double moved = loss.rate_per_h * part_[loss.from];
    end[loss.from] -= moved;
    if (loss.to != outside) end[loss.to] += moved;
  }
}

/// Relative error of the saturable rates over a sub-step: midpoint against Simpson (curvature), and what the first-order prediction of the middle
/// leaves, (h/4) |k_middle - k_start| times the sensitivity -d ln k / d ln x = x / (K v + x). The present rates are those of the end.
double Block::rate_error(double step_h, std::span<const double> middle) const {
  double largest = 0.0;
  for (std::size_t s = 0; s < saturable_.size(); ++s) {
    const Loss& loss = losses_[saturable_[s]];
    if (rate_middle_[s] == 0.0) continue;
    const double curvature = std::abs(rate_start_[s] - 2.0 * rate_middle_[s] + loss.rate_per_h) / (6.0 * rate_middle_[s]);
    const double x = std::max(middle[loss.from], 0.0);
    const double prediction = 0.25 * step_h * std::abs(rate_middle_[s] - rate_start_[s]) * x / (loss.edge.half_saturation + x);
    largest = std::max(largest, curvature + prediction);
  }
  return largest;
}

std::optional<std::size_t> Block::advance_by_substeps(double step_h, std::span<const double> coefficients) {
  double left_h = step_h, h = step_h;
  while (left_h > 0.0) {
    h = h > 0.999 * left_h ? left_h : h;
    set_saturable_rates(coefficients, start_);
    for (std::size_t s = 0; s < saturable_.size(); ++s) rate_start_[s] = losses_[saturable_[s]].rate_per_h;
    for (std::size_t i = 0; i < pools_.size(); ++i) inflow_[i] = waiting_[i] * (0.5 * h / step_h);
    follow(0.5 * h, start_, middle_);
    set_saturable_rates(coefficients, middle_);
    for (std::size_t s = 0; s < saturable_.size(); ++s) rate_middle_[s] = losses_[saturable_[s]].rate_per_h;
    for (std::size_t i = 0; i < pools_.size(); ++i) inflow_[i] *= 2.0;
    follow(h, start_, end_);
    set_saturable_rates(coefficients, end_);

    const double error = rate_error(h, middle_);
    const double growth = std::clamp(0.9 * std::sqrt(rate_tolerance_ / std::max(error, 1e-30)), 0.1, 3.0);
    if (!(error <= rate_tolerance_)) {
      h *= std::min(std::isfinite(error) ? growth : 0.0, 0.9);
      if (!(h > smallest_substep * step_h)) return losses_[saturable_.front()].id;
      continue;
    }
    std::size_t s = 0;
    for (Loss& loss : losses_) loss.transferred += (loss.edge.kind == Kind::saturable ? rate_middle_[s++] : loss.rate_per_h) * part_[loss.from];
    for (std::size_t i = 0; i < pools_.size(); ++i) integral_[i] += part_[i];
    std::swap(start_, end_);
    left_h = h == left_h ? 0.0 : left_h - h;
    h *= growth;
  }
  return std::nullopt;
}

}  // namespace paracrine::sim
