#pragma once
#include <array>
#include <cstddef>
#include <numbers>
#include <string>

#include "sim/compartments/compartments.hpp"

/// Stocks and flows of a kind of leukocyte between marrow, blood and organs: what monocytes and neutrophils share.
namespace paracrine::models {

enum class Stock : std::size_t { blood, lung_margin, spleen, liver };
inline constexpr std::size_t stocks = 4;
constexpr std::size_t number(Stock stock) { return static_cast<std::size_t>(stock); }

/// Rates of one subject in health, and the stocks that they hold steady.
struct LeukocyteRates {
  double marrow = 0.0;                                    // cells
  std::array<double, stocks> stock{};                     // cells
  double production_per_h = 0.0;                          // cells
  double egress_per_h = 0.0;                              // marrow -> blood
  double to_margin_per_h = 0.0, from_margin_per_h = 0.0;  // blood <-> lung margin
  double to_spleen_per_h = 0.0, from_spleen_per_h = 0.0;  // blood <-> spleen
  double to_liver_per_h = 0.0;                            // blood -> liver
  std::array<double, stocks> loss_per_h{};                // death and differentiation
};

/// Solves the linear steady state for the exchange rates and the production that hold the given stocks.
///
///   lung margin, spleen   to = (from + loss) stock / blood,   from = 1 / stay,   loss = ln2 / store_half_life
///   liver                 stock = to_liver blood / loss,      to_liver = liver_share ln2 / blood_half_life
///   blood                 loss = (1 - liver_share) ln2 / blood_half_life
///   production            sum of loss x stock
///   marrow                egress = production / marrow
///
/// `P` is a parameter struct with these members; `scale` multiplies all numbers of cells.
template <class P>
LeukocyteRates healthy_rates(const P& p, double scale) {
  const auto rate_per_h = [](double half_life_h) { return std::numbers::ln2 / half_life_h; };
  const double leaving_per_h = rate_per_h(p.blood_half_life_h), stored_loss_per_h = rate_per_h(p.store_half_life_h);
  LeukocyteRates rates;
  rates.marrow = scale * p.marrow_cells;
  rates.from_margin_per_h = 1.0 / p.margin_stay_h;
  rates.from_spleen_per_h = 1.0 / p.spleen_stay_h;
  rates.to_margin_per_h = (rates.from_margin_per_h + stored_loss_per_h) * p.margin_cells / p.blood_cells;
  rates.to_spleen_per_h = (rates.from_spleen_per_h + stored_loss_per_h) * p.spleen_cells / p.blood_cells;
  rates.to_liver_per_h = p.liver_share * leaving_per_h;
  rates.loss_per_h = {(1.0 - p.liver_share) * leaving_per_h, stored_loss_per_h, stored_loss_per_h, rate_per_h(p.liver_half_life_h)};
  const double blood = scale * p.blood_cells, liver = rates.to_liver_per_h * blood / rates.loss_per_h[number(Stock::liver)];
  rates.stock = {blood, scale * p.margin_cells, scale * p.spleen_cells, liver};
  for (std::size_t s = 0; s < stocks; ++s) rates.production_per_h += rates.loss_per_h[s] * rates.stock[s];
  rates.egress_per_h = rates.production_per_h / rates.marrow;
  return rates;
}

/// Leaves the way into the liver to the lobules: no flow from the blood into the liver's stock, which is empty at first, counts those that came and
/// loses none. Gives the rate of health that the lobules together stand in for [1/h].
double leave_liver_to_lobules(LeukocyteRates& rates);

/// Pools and flows of cells of one state outside the marrow.
struct LeukocyteCohort {
  std::array<sim::PoolIndex, stocks> pool{};  // by Stock
  sim::FlowIndex to_margin = 0, from_margin = 0, to_spleen = 0, from_spleen = 0, to_liver = 0;
  std::array<sim::FlowIndex, stocks> loss{};  // by Stock, to `gone`
  sim::PoolIndex of(Stock stock) const { return pool[number(stock)]; }
};

/// Adds the pools `name`_blood, _lung_margin, _spleen, _liver, empty, and their flows, at rest.
LeukocyteCohort add_cohort(sim::Compartments& compartments, const std::string& name, double blood_mL, sim::PoolIndex gone);

/// Sets the rates of a cohort's flows to those of health; recruitment to the liver to `recruitment` times that.
void set_rates(sim::Compartments& compartments, const LeukocyteCohort& cohort, const LeukocyteRates& rates, double recruitment);

/// What the marrow is asked for, from 0 in health to 1:
///
///   demand = 1 - (1 - c / (c + half_signal)) (1 - deficit),   deficit = max(0, 1 - blood / blood in health)
///
///   c [1] rise of the recruiting signal over health, relative to it. A deficit below `rounding` is none.
double marrow_demand(double rise, double half_signal, double blood, double healthy_blood);

/// What the marrow made over a step while its production factor g follows the egress factor f:  dg/dt = (f - g) ln2 / half_time.
struct Production {
  double mean_factor = 1.0;  // over the step
  double end_factor = 1.0;
};
Production follow_demand(double factor, double egress_factor, double half_time_h, double step_h);

}  // namespace paracrine::models
