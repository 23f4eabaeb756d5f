#include "sim/compartments/block.hpp"

#include <algorithm>
#include <cmath>

namespace paracrine::sim {

namespace {
constexpr double smallest_substep = 1e-9;  // of the step
}  // namespace

double Block::Competition::sum(std::span<const double> x) const {
  double total = 0.0;
  for (const Counted& pool : counted) total += std::max(x[pool.place], 0.0) / pool.half_saturation;
  return total;
}

std::size_t Block::place_of(PoolIndex pool) const {
  const auto found = std::find(pools_.begin(), pools_.end(), pool);
  return found == pools_.end() ? none : static_cast<std::size_t>(found - pools_.begin());
}

void Block::count(std::size_t competition, PoolIndex pool, double half_saturation) {
  auto found = std::find_if(competitions_.begin(), competitions_.end(), [&](const Competition& c) { return c.id == competition; });
  if (found == competitions_.end()) found = competitions_.insert(found, {.id = competition, .counted = {}});
  found->counted.push_back({.place = place_of(pool), .half_saturation = half_saturation});
}

void Block::add_edge(std::size_t id, const Edge& edge) {
  std::size_t slowed_by = none;
  for (std::size_t c = 0; c < competitions_.size(); ++c)
    if (competitions_[c].id == edge.competition) slowed_by = c;
  if (edge.kind == Kind::saturable || slowed_by != none) changing_.push_back(losses_.size());
  saturable_ = saturable_ || edge.kind == Kind::saturable;
  has_uptake_ = has_uptake_ || edge.kind == Kind::uptake;
  losses_.push_back({.id = id, .from = place_of(edge.from), .to = place_of(edge.to), .slowed_by = slowed_by, .edge = edge});
}

void Block::finish() {
  const std::size_t n = pools_.size();
  generator_.resize(n * n);
  for (std::vector<double>* values : {&start_, &waiting_, &inflow_, &middle_, &end_, &integral_, &part_, &drift_}) values->assign(n, 0.0);
  rate_start_.resize(changing_.size());
  rate_middle_.resize(changing_.size());
}

void Block::set_full_rates(std::span<const double> coefficients) {
  for (Loss& loss : losses_) {
    if (loss.edge.kind == Kind::saturable) continue;
    loss.full_per_h = loss.edge.kind == Kind::uptake ? coefficients[loss.id] / loss.edge.volume_mL : coefficients[loss.id];
    loss.rate_per_h = loss.full_per_h;
  }
}

void Block::set_changing_rates(std::span<const double> coefficients, std::span<const double> x) {
  for (Competition& competition : competitions_) competition.factor = 1.0 / (1.0 + competition.sum(x));
  for (const std::size_t place : changing_) {
    Loss& loss = losses_[place];
    if (loss.edge.kind == Kind::saturable)
      loss.rate_per_h = coefficients[loss.id] / (loss.edge.half_saturation + std::max(x[loss.from], 0.0));
    else
      loss.rate_per_h = loss.full_per_h * competitions_[loss.slowed_by].factor;
  }
}

void Block::remember_rates(std::vector<double>& rates) const {
  for (std::size_t c = 0; c < changing_.size(); ++c) rates[c] = losses_[changing_[c]].rate_per_h;
}

void Block::fill_generator() {
  const std::size_t n = pools_.size();
  std::fill(generator_.begin(), generator_.end(), 0.0);
  for (const Loss& loss : losses_) {
    generator_[loss.from * n + loss.from] -= loss.rate_per_h;
    if (loss.to != none) generator_[loss.to * n + loss.from] += loss.rate_per_h;
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
  for (Loss& loss : losses_) loss.transferred = loss.slowed_integral = 0.0;
  substeps_ = 0;
  if (empty || advance_as_linear(step_h, coefficients)) return std::nullopt;
  std::fill(integral_.begin(), integral_.end(), 0.0);
  return advance_by_substeps(step_h, coefficients);
}

/// Whether no competition slows anything beyond the tolerance.
bool Block::thin(std::span<const double> x) const {
  return std::all_of(competitions_.begin(), competitions_.end(), [&](const Competition& c) { return c.sum(x) <= rate_tolerance_; });
}

/// Clearances are others in every step, so a matrix exponential would serve but once: there the series is taken, where it is short.
void Block::integrate_full_rates(double step_h, std::span<const double> coefficients) {
  if (known_step_h_ != step_h) {
    set_full_rates(coefficients);
    fill_generator();
    known_step_h_ = step_h;
    by_series_ = has_uptake_ && series_.integrate(generator_, pools_.size(), step_h, start_, waiting_, integral_);
    if (by_series_) return;
    propagator_.compute(generator_, pools_.size(), step_h);
  } else if (by_series_) {
    set_full_rates(coefficients);
    fill_generator();
    series_.integrate(generator_, pools_.size(), step_h, start_, waiting_, integral_);
    return;
  }
  propagator_.integrate(start_, waiting_, integral_);
}

/// The whole step at once, with the kept propagator of the full rates. False, when rates depend on amounts in this step: at its start, its end, or
/// by the mean amounts.
bool Block::advance_as_linear(double step_h, std::span<const double> coefficients) {
  if (saturable_ || !thin(start_)) return false;
  integrate_full_rates(step_h, coefficients);
  if (!competitions_.empty()) {
    for (std::size_t i = 0; i < pools_.size(); ++i) {
      middle_[i] = integral_[i] / step_h;
      end_[i] = start_[i] + waiting_[i];
    }
    for (const Loss& loss : losses_) {
      end_[loss.from] -= loss.full_per_h * integral_[loss.from];
      if (loss.to != none) end_[loss.to] += loss.full_per_h * integral_[loss.from];
    }
    if (!thin(middle_) || !thin(end_)) return false;
  }
  for (Loss& loss : losses_) {
    loss.transferred = loss.full_per_h * integral_[loss.from];
    loss.slowed_integral = integral_[loss.from];
  }
  return true;
}

/// One sub-step with the present rates: integrals into part_, amounts into `end`.
void Block::follow(double step_h, std::span<const double> start, std::span<double> end) {
  fill_generator();
  if (!series_.integrate(generator_, pools_.size(), step_h, start, inflow_, part_)) {
    substep_propagator_.compute(generator_, pools_.size(), step_h);
    substep_propagator_.integrate(start, inflow_, part_);
  }
  for (std::size_t i = 0; i < pools_.size(); ++i) end[i] = start[i] + inflow_[i];
  for (Loss& loss : losses_) {
    loss.moved = loss.rate_per_h * part_[loss.from];
    end[loss.from] -= loss.moved;
    if (loss.to != none) end[loss.to] += loss.moved;
  }
}

/// Relative error of the changing rates over a sub-step: midpoint against Simpson (curvature), and what the first-order prediction of the middle
/// leaves. There a pool is wrong by the part (h/4) sum |k_middle - k_start| over its changing losses, and a rate by that times its sensitivity
/// -d ln k / d ln x = x / (K v + x), competing: f x / (K v). The present rates are those of the end.
double Block::rate_error(double step_h, std::span<const double> middle) {
  std::fill(drift_.begin(), drift_.end(), 0.0);
  for (std::size_t c = 0; c < changing_.size(); ++c) drift_[losses_[changing_[c]].from] += 0.25 * step_h * std::abs(rate_middle_[c] - rate_start_[c]);
  double largest = 0.0;
  for (std::size_t c = 0; c < changing_.size(); ++c) {
    const Loss& loss = losses_[changing_[c]];
    if (rate_middle_[c] == 0.0) continue;
    const double curvature = std::abs(rate_start_[c] - 2.0 * rate_middle_[c] + loss.rate_per_h) / (6.0 * rate_middle_[c]);
    double prediction = 0.0;
    if (loss.edge.kind == Kind::saturable) {
      const double x = std::max(middle[loss.from], 0.0);
      prediction = drift_[loss.from] * x / (loss.edge.half_saturation + x);
    } else {
      const Competition& competition = competitions_[loss.slowed_by];
      for (const auto& pool : competition.counted)
        prediction += competition.factor_middle * drift_[pool.place] * std::max(middle[pool.place], 0.0) / pool.half_saturation;
    }
    largest = std::max(largest, curvature + prediction);
  }
  return largest;
}

std::optional<std::size_t> Block::advance_by_substeps(double step_h, std::span<const double> coefficients) {
  set_full_rates(coefficients);
  double left_h = step_h, h = step_h;
  while (left_h > 0.0) {
    h = h > 0.999 * left_h ? left_h : h;
    set_changing_rates(coefficients, start_);
    remember_rates(rate_start_);
    for (std::size_t i = 0; i < pools_.size(); ++i) inflow_[i] = waiting_[i] * (0.5 * h / step_h);
    follow(0.5 * h, start_, middle_);
    set_changing_rates(coefficients, middle_);
    remember_rates(rate_middle_);
    for (Competition& competition : competitions_) competition.factor_middle = competition.factor;
    for (std::size_t i = 0; i < pools_.size(); ++i) inflow_[i] *= 2.0;
    follow(h, start_, end_);
    set_changing_rates(coefficients, end_);

    const double error = rate_error(h, middle_);
    const double growth = std::clamp(0.9 * std::sqrt(rate_tolerance_ / std::max(error, 1e-30)), 0.1, 3.0);
    if (!(error <= rate_tolerance_)) {
      h *= std::min(std::isfinite(error) ? growth : 0.0, 0.9);
      if (!(h > smallest_substep * step_h)) return losses_[changing_.front()].id;
      continue;
    }
    accept_substep();
    left_h = h == left_h ? 0.0 : left_h - h;
    h *= growth;
  }
  return std::nullopt;
}

void Block::accept_substep() {
  for (Loss& loss : losses_) {
    loss.transferred += loss.moved;
    if (loss.slowed_by != none) loss.slowed_integral += competitions_[loss.slowed_by].factor_middle * part_[loss.from];
  }
  for (std::size_t i = 0; i < pools_.size(); ++i) integral_[i] += part_[i];
  std::swap(start_, end_);
  ++substeps_;
}

}  // namespace paracrine::sim
