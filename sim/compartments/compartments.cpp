#include "sim/compartments/compartments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "sim/core/error.hpp"

namespace paracrine::sim {

namespace {

/// Rounding of a step, relative to what was in a pool or came into it, and of the run so far, relative to what its family held or received.
constexpr double step_rounding = 1e-11, run_rounding = 1e-15;

bool is_amount(double value) { return std::isfinite(value) && value >= 0.0; }

/// "2.5 ng", "1000" (unit 1), "nan ng".
std::string with_unit(double value, const std::string& unit) {
  const double shown = std::isnan(value) ? std::abs(value) : value;
  return unit == "1" ? fmt::format("{}", shown) : fmt::format("{} {}", shown, unit);
}

/// Sets of numbers that were joined; the smallest of a set stands for it.
class Union {
 public:
  explicit Union(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = find(a), b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

PoolIndex Compartments::add_pool(std::string name, std::string unit, double volume_mL) {
  if (!is_amount(volume_mL)) throw std::invalid_argument(fmt::format("pool \"{}\": a volume of {} mL", name, volume_mL));
  pools_.push_back({.name = std::move(name), .unit = std::move(unit), .volume_mL = volume_mL});
  for (Totals* totals : {&amounts_, &received_, &given_, &expected_}) totals->resize(pools_.size());
  waiting_.resize(pools_.size(), 0.0);
  throughput_.resize(pools_.size(), 0.0);
  prepared_ = false;
  return pools_.size() - 1;
}

/// `edge`: its half saturation is still a concentration, and its volume not yet known.
std::size_t Compartments::add_edge(std::string name, const Block::Edge& edge, double coefficient) {
  const Pool& source = pools_.at(edge.from);
  if (edge.to >= pools_.size() || edge.to == edge.from) throw std::invalid_argument(fmt::format("flow \"{}\": it must lead to another pool", name));
  if (edge.kind != Block::Kind::linear && !(source.volume_mL > 0.0))
    throw std::invalid_argument(fmt::format("flow \"{}\": pool \"{}\" has no volume, so it has no concentration", name, source.name));
  if (edge.kind == Block::Kind::saturable && !(is_amount(edge.half_saturation) && edge.half_saturation > 0.0))
    throw std::invalid_argument(fmt::format("flow \"{}\": a half saturation of {} per mL", name, edge.half_saturation));
  Block::Edge in_block = edge;
  in_block.half_saturation *= source.volume_mL;
  in_block.volume_mL = source.volume_mL;
  edges_.push_back({.name = std::move(name), .in_block = in_block});
  coefficients_.push_back(0.0);
  transferred_.resize(edges_.size());
  prepared_ = false;
  set_coefficient(edges_.size() - 1, coefficient);
  return edges_.size() - 1;
}

FlowIndex Compartments::add_flow(std::string name, PoolIndex from, PoolIndex to, double rate_per_h) {
  flows_.push_back(add_edge(std::move(name), {.from = from, .to = to, .kind = Block::Kind::linear}, rate_per_h));
  return flows_.size() - 1;
}

FlowIndex Compartments::add_saturable_flow(std::string name, PoolIndex from, PoolIndex to, double maximum_per_h, double half_saturation_per_mL) {
  const Block::Edge edge{.from = from, .to = to, .kind = Block::Kind::saturable, .half_saturation = half_saturation_per_mL};
  flows_.push_back(add_edge(std::move(name), edge, maximum_per_h));
  return flows_.size() - 1;
}

FlowIndex Compartments::add_competing_flow(std::string name, PoolIndex from, PoolIndex to, double rate_per_h, CompetitionIndex competition) {
  check_competition(competition);
  const Block::Edge edge{.from = from, .to = to, .kind = Block::Kind::linear, .competition = competition};
  flows_.push_back(add_edge(std::move(name), edge, rate_per_h));
  return flows_.size() - 1;
}

UptakeIndex Compartments::number_uptake(std::size_t edge) {
  uptakes_.push_back(edge);
  exposures_.push_back(0.0);
  return uptakes_.size() - 1;
}

UptakeIndex Compartments::add_uptake(std::string name, PoolIndex from, PoolIndex to) {
  return number_uptake(add_edge(std::move(name), {.from = from, .to = to, .kind = Block::Kind::uptake}, 0.0));
}

UptakeIndex Compartments::add_uptake(std::string name, PoolIndex from, PoolIndex to, CompetitionIndex competition) {
  check_competition(competition);
  return number_uptake(add_edge(std::move(name), {.from = from, .to = to, .kind = Block::Kind::uptake, .competition = competition}, 0.0));
}

CompetitionIndex Compartments::add_competition(double half_saturation_per_mL) {
  if (!(is_amount(half_saturation_per_mL) && half_saturation_per_mL > 0.0))
    throw std::invalid_argument(fmt::format("competition {}: a half saturation of {} per mL", competitions_.size(), half_saturation_per_mL));
  competitions_.push_back({.half_saturation_per_mL = half_saturation_per_mL, .counted = {}});
  return competitions_.size() - 1;
}

void Compartments::check_competition(CompetitionIndex competition) const {
  if (competition >= competitions_.size()) throw std::out_of_range(fmt::format("there is no competition {}", competition));
}

void Compartments::count_in(CompetitionIndex competition, PoolIndex pool) {
  check_competition(competition);
  const Pool& added = pools_.at(pool);
  std::vector<PoolIndex>& counted = competitions_[competition].counted;
  if (!(added.volume_mL > 0.0))
    throw std::invalid_argument(fmt::format("competition {}: pool \"{}\" has no volume, so it has no concentration", competition, added.name));
  if (std::find(counted.begin(), counted.end(), pool) != counted.end())
    throw std::invalid_argument(fmt::format("competition {}: pool \"{}\" is counted already", competition, added.name));
  if (!counted.empty() && pools_[counted.front()].unit != added.unit)
    throw std::invalid_argument(fmt::format("competition {}: pool \"{}\" has the unit {}, pool \"{}\" the unit {}", competition, added.name,
                                            added.unit, pools_[counted.front()].name, pools_[counted.front()].unit));
  counted.push_back(pool);
  prepared_ = false;
}

void Compartments::set_coefficient(std::size_t edge, double coefficient) {
  if (!is_amount(coefficient)) {
    const char* unit = edges_[edge].in_block.kind == Block::Kind::uptake ? "mL/h" : "per h";
    throw RunError(fmt::format("flow \"{}\" out of pool \"{}\": a rate of {} {}; it must be a finite number, 0 or more", edges_[edge].name,
                               pools_[edges_[edge].in_block.from].name, coefficient, unit));
  }
  if (coefficients_[edge] == coefficient) return;
  coefficients_[edge] = coefficient;
  if (prepared_) blocks_[edges_[edge].block].forget();
}

void Compartments::set_flow_rate(FlowIndex flow, double rate_per_h) {
  if (edges_[flows_.at(flow)].in_block.kind != Block::Kind::linear)
    throw std::invalid_argument(fmt::format("flow \"{}\" is saturable and has no rate", edges_[flows_[flow]].name));
  set_coefficient(flows_[flow], rate_per_h);
}

void Compartments::set_clearance(UptakeIndex uptake, double clearance_mL_per_h) { set_coefficient(uptakes_.at(uptake), clearance_mL_per_h); }
double Compartments::clearance(UptakeIndex uptake) const { return coefficients_[uptakes_.at(uptake)]; }

void Compartments::receive(PoolIndex pool, double amount) {
  if (!is_amount(amount) || !std::isfinite(this->amount(pool) + amount))
    throw RunError(
        fmt::format("pool \"{}\": it cannot receive {} (it holds {})", pools_[pool].name, with_unit(amount, pools_[pool].unit), this->amount(pool)));
  for (Totals* totals : {&amounts_, &received_, &expected_}) totals->add(pool, amount);
}

void Compartments::receive_over_step(PoolIndex pool, double amount) {
  if (!is_amount(amount) || !std::isfinite(this->amount(pool) + amount))
    throw RunError(fmt::format("pool \"{}\": it cannot receive {} over a step (it holds {})", pools_[pool].name, with_unit(amount, pools_[pool].unit),
                               this->amount(pool)));
  waiting_[pool] += amount;
  for (Totals* totals : {&received_, &expected_}) totals->add(pool, amount);
}

/// Takes from what is there, then from what waits to enter.
void Compartments::take(PoolIndex pool, double amount, const char* verb) {
  if (!is_amount(amount) || amount > this->amount(pool))
    throw RunError(
        fmt::format("pool \"{}\": it cannot {} {} (it holds {})", pools_[pool].name, verb, with_unit(amount, pools_[pool].unit), this->amount(pool)));
  const double at_once = std::min(amount, std::max(amounts_.value(pool), 0.0));
  amounts_.add(pool, -at_once);
  waiting_[pool] = std::max(waiting_[pool] - (amount - at_once), 0.0);
  expected_.add(pool, -amount);
}

void Compartments::give(PoolIndex pool, double amount) {
  take(pool, amount, "give");
  given_.add(pool, amount);
}

void Compartments::transfer(PoolIndex from, PoolIndex to, double amount) {
  if (to >= pools_.size()) throw std::out_of_range("there is no such pool");
  take(from, amount, "transfer");
  for (Totals* totals : {&amounts_, &expected_}) totals->add(to, amount);
}

/// Finds the blocks (pools with a loss, joined by flows among them or by a competition) and the families (pools joined by any flow).
void Compartments::prepare() {
  Union related(pools_.size()), together(pools_.size());
  std::vector<char> in_block(pools_.size(), 0);
  for (const Edge& edge : edges_) {
    in_block[edge.in_block.from] = 1;
    if (edge.in_block.competition == Block::none) continue;
    for (const PoolIndex pool : competitions_[edge.in_block.competition].counted) {
      in_block[pool] = 1;
      together.join(edge.in_block.from, pool);
    }
  }
  for (const Edge& edge : edges_) {
    related.join(edge.in_block.from, edge.in_block.to);
    if (in_block[edge.in_block.to]) together.join(edge.in_block.from, edge.in_block.to);
  }
  std::size_t families = 0;
  blocks_.clear();
  std::vector<std::size_t> family_of(pools_.size()), block_of(pools_.size());
  for (PoolIndex pool = 0; pool < pools_.size(); ++pool) {
    const std::size_t family = related.find(pool), block = together.find(pool);
    pools_[pool].family = family_of[pool] = family == pool ? families++ : family_of[family];
    if (!in_block[pool]) continue;
    block_of[pool] = block == pool ? blocks_.size() : block_of[block];
    if (block == pool) blocks_.emplace_back();
    blocks_[block_of[pool]].add_pool(pool);
  }
  for (std::size_t c = 0; c < competitions_.size(); ++c)
    for (const PoolIndex pool : competitions_[c].counted)
      if (in_block[pool]) blocks_[block_of[pool]].count(c, pool, competitions_[c].half_saturation_per_mL * pools_[pool].volume_mL);
  for (std::size_t id = 0; id < edges_.size(); ++id) {
    edges_[id].block = block_of[edges_[id].in_block.from];
    blocks_[edges_[id].block].add_edge(id, edges_[id].in_block);
  }
  for (Block& block : blocks_) block.finish();
  family_sums_.assign(families, Family{});
  prepared_ = true;
}

void Compartments::step(double duration_h) {
  if (!(std::isfinite(duration_h) && duration_h > 0.0)) throw RunError(fmt::format("compartments: a step of {} h", duration_h));
  if (!prepared_) prepare();
  advance_blocks(duration_h);
  check_balance();
  check_pools(duration_h);
}

void Compartments::advance_blocks(double duration_h) {
  for (PoolIndex pool = 0; pool < pools_.size(); ++pool) throughput_[pool] = amounts_.value(pool);
  for (Block& block : blocks_)
    if (const auto edge = block.advance(duration_h, throughput_, waiting_, coefficients_))
      throw RunError(fmt::format("flow \"{}\" out of pool \"{}\": no sub-step is small enough in a step of {} h; the pool holds {}",
                                 edges_[*edge].name, pools_[edges_[*edge].in_block.from].name, duration_h,
                                 with_unit(amount(edges_[*edge].in_block.from), pools_[edges_[*edge].in_block.from].unit)));
  for (PoolIndex pool = 0; pool < pools_.size(); ++pool) {
    amounts_.add(pool, waiting_[pool]);
    throughput_[pool] = std::abs(throughput_[pool]) + waiting_[pool];
    waiting_[pool] = 0.0;
  }
  for (const Block& block : blocks_)
    block.for_each_transfer([&](std::size_t id, double transferred, double) {
      const Block::Edge& edge = edges_[id].in_block;
      amounts_.add(edge.from, -transferred);
      amounts_.add(edge.to, transferred);
      transferred_.add(id, transferred);
      throughput_[edge.to] += transferred;
    });
  for (std::size_t u = 0; u < uptakes_.size(); ++u) {
    const Edge& edge = edges_[uptakes_[u]];
    blocks_[edge.block].for_each_transfer([&](std::size_t id, double, double integral) {
      if (id == uptakes_[u]) exposures_[u] = integral / edge.in_block.volume_mL;
    });
  }
}

void Compartments::check_pools(double duration_h) const {
  for (PoolIndex pool = 0; pool < pools_.size(); ++pool) {
    const double value = amounts_.value(pool);
    const Family& family = family_sums_[pools_[pool].family];
    const double negligible = step_rounding * throughput_[pool] + run_rounding * (family.held + family.received) + std::numeric_limits<double>::min();
    if (std::isfinite(value) && !(value < -negligible)) continue;
    throw RunError(fmt::format("pool \"{}\": {} after a step of {} h; an amount must be a finite number, 0 or more", pools_[pool].name,
                               with_unit(value, pools_[pool].unit), duration_h));
  }
}

/// Compares what each family holds with what it held after the last step and what was exchanged with the outside since.
void Compartments::check_balance() {
  std::fill(family_sums_.begin(), family_sums_.end(), Family{});
  for (PoolIndex pool = 0; pool < pools_.size(); ++pool) {
    Family& family = family_sums_[pools_[pool].family];
    family.imbalance += amounts_.sum[pool] - expected_.sum[pool];
    family.imbalance_carry += amounts_.carry[pool] - expected_.carry[pool];
    family.held += 0.5 * (std::abs(amounts_.value(pool)) + std::abs(expected_.value(pool)));
    family.received += received_.value(pool);
    expected_.sum[pool] = amounts_.sum[pool];
    expected_.carry[pool] = amounts_.carry[pool];
  }
  for (const Family& family : family_sums_)
    if (family.held > 0.0) largest_step_error_ = std::max(largest_step_error_, std::abs(family.imbalance + family.imbalance_carry) / family.held);
}

std::size_t Compartments::pools() const { return pools_.size(); }

PoolIndex Compartments::pool(const std::string& name) const {
  for (PoolIndex pool = 0; pool < pools_.size(); ++pool)
    if (pools_[pool].name == name) return pool;
  throw std::out_of_range(fmt::format("there is no pool \"{}\"", name));
}

const std::string& Compartments::pool_name(PoolIndex pool) const { return pools_.at(pool).name; }
const std::string& Compartments::pool_unit(PoolIndex pool) const { return pools_.at(pool).unit; }
double Compartments::volume_mL(PoolIndex pool) const { return pools_.at(pool).volume_mL; }
double Compartments::amount(PoolIndex pool) const {
  const double waiting = waiting_.at(pool);
  return std::max(amounts_.value(pool), 0.0) + waiting;
}
double Compartments::waiting(PoolIndex pool) const { return waiting_.at(pool); }
double Compartments::concentration_per_mL(PoolIndex pool) const { return amount(pool) / pools_.at(pool).volume_mL; }
double Compartments::received(PoolIndex pool) const { return received_.value(pool); }
double Compartments::given(PoolIndex pool) const { return given_.value(pool); }
double Compartments::transferred(FlowIndex flow) const { return transferred_.value(flows_.at(flow)); }
std::size_t Compartments::uptakes() const { return uptakes_.size(); }
const std::string& Compartments::uptake_name(UptakeIndex uptake) const { return edges_[uptakes_.at(uptake)].name; }
double Compartments::taken_up(UptakeIndex uptake) const { return transferred_.value(uptakes_.at(uptake)); }
double Compartments::exposure_h_per_mL(UptakeIndex uptake) const { return exposures_.at(uptake); }
double Compartments::largest_step_error() const { return largest_step_error_; }

/// Amounts may be a little below 0 by rounding; the next step looks at that.
void Compartments::check_loaded() const {
  const auto require = [](const std::vector<double>& values, bool may_be_negative, const char* what, const auto& name) {
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!std::isfinite(values[i]) || (!may_be_negative && values[i] < 0.0))
        throw RunError(fmt::format("{} of {} is {}, and must be a finite number{}", what, name(i), values[i], may_be_negative ? "" : ", 0 or more"));
  };
  const auto pool = [&](std::size_t i) { return fmt::format("pool \"{}\"", pools_[i].name); };
  const auto edge = [&](std::size_t i) { return fmt::format("flow \"{}\"", edges_[i].name); };
  const auto uptake = [&](std::size_t i) { return fmt::format("uptake \"{}\"", uptake_name(i)); };
  for (const auto& [totals, what] : {std::pair{&amounts_, "the amount"},
                                     {&received_, "what was received"},
                                     {&given_, "what was given"},
                                     {&expected_, "the amount after the last step"}}) {
    require(totals->sum, true, what, pool);
    require(totals->carry, true, what, pool);
  }
  require(transferred_.sum, true, "what was transferred", edge);
  require(transferred_.carry, true, "what was transferred", edge);
  require(waiting_, false, "what waits to enter", pool);
  require(coefficients_, false, "the rate", edge);
  require(exposures_, false, "the exposure", uptake);
  if (!std::isfinite(largest_step_error_) || largest_step_error_ < 0.0)
    throw RunError(fmt::format("compartments: the largest error of a step is {}", largest_step_error_));
}

void Compartments::archive(Archive& archive) {
  const auto totals = [&](const char* name, Totals& values) {
    in_group(archive, name, [&] {
      archive.vector("sum", values.sum);
      archive.vector("carry", values.carry);
    });
  };
  totals("amounts", amounts_);
  totals("received", received_);
  totals("given", given_);
  totals("expected", expected_);
  totals("transferred", transferred_);
  archive.vector("waiting", waiting_);
  archive.vector("coefficients", coefficients_);
  archive.vector("exposures", exposures_);
  archive.scalar("largest_step_error", largest_step_error_);
  if (!archive.loading()) return;
  check_loaded();
  for (Block& block : blocks_) block.forget();
}

}  // namespace paracrine::sim
