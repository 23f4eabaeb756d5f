#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "sim/agents/population.hpp"
#include "sim/core/build_info.hpp"
#include "sim/core/random.hpp"

// Agent updates per second of one core: 1e6 agents in 64 populations take a step in a random direction and may die, with four uniform numbers each;
// beside them the bandwidth of a stream copy measured between the repetitions, and the same update one agent at a time.

namespace {

using namespace paracrine::sim;

constexpr ColumnInfo walker_columns[] = {{.name = "x", .unit = "um"},
                                         {.name = "y", .unit = "um"},
                                         {.name = "z", .unit = "um"},
                                         {.name = "age", .type = ElementType::f32, .unit = "h"},
                                         {.name = "steps", .type = ElementType::u32},
                                         {.name = "state", .type = ElementType::u8, .flag_meanings = "alive dead"}};
constexpr AgentKind walker{.name = "walker", .columns = walker_columns, .meaning = "an agent of the benchmark"};
constexpr Column<double> x_column{0}, y_column{1}, z_column{2};
constexpr Column<std::uint8_t> state_column{5};

constexpr std::size_t populations = 64, agents_each = 15625, agents = populations * agents_each;
constexpr std::size_t block = 256;
constexpr double step_um = 2.0, spread = 0.5, death_probability = 1e-5;

/// One step of one population in blocks that stay in the first-level cache: path = step (1 + spread (2 u - 1)) in a direction uniform on the sphere.
void walk_in_blocks(Population& cells, const Random& random) {
  alignas(64) std::array<std::array<double, block>, 7> room;
  const std::span<const AgentId> ids = cells.ids();
  const std::span<double> x = cells.column(x_column), y = cells.column(y_column), z = cells.column(z_column);
  const std::span<std::uint8_t> state = cells.column(state_column);
  for (std::size_t first = 0; first < ids.size(); first += block) {
    const std::size_t n = std::min(block, ids.size() - first);
    const auto part = [&](std::size_t k) { return std::span<double>(room[k].data(), n); };
    random.uniforms(ids.subspan(first, n), 0, std::array{part(0), part(1), part(2), part(3)});
    to_directions(part(0), part(1), {part(4), part(5), part(6)});
    double *const at_x = x.data() + first, *const at_y = y.data() + first, *const at_z = z.data() + first;
    std::uint8_t* const at_state = state.data() + first;
    for (std::size_t i = 0; i < n; ++i) room[2][i] = step_um * (1.0 + spread * (2.0 * room[2][i] - 1.0));
    for (std::size_t i = 0; i < n; ++i) at_x[i] += room[2][i] * room[4][i];
    for (std::size_t i = 0; i < n; ++i) at_y[i] += room[2][i] * room[5][i];
    for (std::size_t i = 0; i < n; ++i) at_z[i] += room[2][i] * room[6][i];
    for (std::size_t i = 0; i < n; ++i) at_state[i] = static_cast<std::uint8_t>(at_state[i] | (room[3][i] < death_probability ? 1 : 0));
  }
}

/// The same, as plainly as a process may be written.
void walk_one_by_one(Population& cells, const Random& random) {
  const std::span<const AgentId> ids = cells.ids();
  const std::span<double> x = cells.column(x_column), y = cells.column(y_column), z = cells.column(z_column);
  const std::span<std::uint8_t> state = cells.column(state_column);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto u = random.uniforms(ids[i], 0);
    const auto direction = to_direction(u[0], u[1]);
    const double path_um = step_um * (1.0 + spread * (2.0 * u[2] - 1.0));
    x[i] += path_um * direction[0];
    y[i] += path_um * direction[1];
    z[i] += path_um * direction[2];
    if (u[3] < death_probability) state[i] = 1;
  }
}

/// Processor time of this thread, so that a busy machine disturbs less.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(const auto& work) {
  const double start = processor_seconds();
  work();
  return processor_seconds() - start;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A sum over all positions and states, to compare the two ways.
double fingerprint(const std::vector<Population>& all) {
  double sum = 0.0;
  for (const Population& cells : all) {
    for (const Column<double> column : {x_column, y_column, z_column})
      for (const double value : cells.column(column)) sum += std::abs(value);
    for (const std::uint8_t state : cells.column(state_column)) sum += state;
  }
  return sum;
}

}  // namespace

int main() {
  constexpr int repetitions = 15, steps = 4;
  std::vector<Population> blocks, singles;
  for (std::uint32_t patch = 0; patch < populations; ++patch) {
    blocks.emplace_back(walker, patch).add(agents_each);
    singles.emplace_back(walker, patch).add(agents_each);
  }
  std::vector<double> from(1 << 24, 1.0), to(1 << 24, 0.0);
  std::vector<double> block_rate, single_rate, bandwidth;
  std::uint32_t step = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    const auto run = [&](std::vector<Population>& all, const auto& walk) {
      return seconds_of([&] {
        for (std::uint32_t i = 0; i < steps; ++i)
          for (Population& cells : all) walk(cells, Random(1, step + i, ProcessStream(1)));
      });
    };
    block_rate.push_back(steps * static_cast<double>(agents) / run(blocks, walk_in_blocks));
    single_rate.push_back(steps * static_cast<double>(agents) / run(singles, walk_one_by_one));
    step += steps;
    const double seconds = seconds_of([&] { std::copy(from.begin(), from.end(), to.begin()); });
    bandwidth.push_back(2.0 * static_cast<double>(from.size() * sizeof(double)) / seconds);
    from[static_cast<std::size_t>(repetition)] = to[static_cast<std::size_t>(repetition) + 1] + 1.0;
  }
  // Ids and positions are read, positions written, states read and written.
  constexpr double traffic = 8.0 + 2.0 * 24.0 + 2.0;
  std::printf("built for                   %s, %s\n", cpu_features().c_str(), build_info().compiler.c_str());
  std::printf("agents                      %zu in %zu populations, four uniform numbers each\n", agents, populations);
  std::printf("update in blocks of %zu     %.3g agents/s (median of %d; %.3g to %.3g)\n", block, median(block_rate), repetitions,
              *std::min_element(block_rate.begin(), block_rate.end()), *std::max_element(block_rate.begin(), block_rate.end()));
  std::printf("update one by one           %.3g agents/s\n", median(single_rate));
  std::printf("stream copy                 %.3g GB/s (read and written)\n", median(bandwidth) * 1e-9);
  std::printf("traffic of the update       %.2f of the stream copy\n", traffic * median(block_rate) / median(bandwidth));
  std::printf("bytes per agent             %zu\n", blocks.front().bytes_per_agent());
  std::printf("both ways agree             %s\n", fingerprint(blocks) == fingerprint(singles) ? "yes" : "no");
}
