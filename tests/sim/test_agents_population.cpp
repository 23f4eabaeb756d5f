#include <cstdint>
#include <cstring>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/agents/population.hpp"
#include "sim/core/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/memory_archive.hpp"

using namespace paracrine::sim;

namespace {

constexpr ColumnInfo cell_columns[] = {{.name = "x", .type = ElementType::f64, .unit = "um", .meaning = "position"},
                                       {.name = "age", .type = ElementType::f32, .unit = "h", .meaning = "age"},
                                       {.name = "state", .type = ElementType::u8, .meaning = "state"},
                                       {.name = "seen", .type = ElementType::u32, .meaning = "encounters"}};
constexpr AgentKind cell{.name = "cell", .columns = cell_columns, .meaning = "a cell of the tests"};
constexpr AgentKind other_cell{.name = "other", .columns = cell_columns, .meaning = "another"};
constexpr Column<double> x{0};
constexpr Column<float> age{1};
constexpr Column<std::uint8_t> state{2};
constexpr Column<std::uint32_t> seen{3};

/// The same, as plainly as can be.
struct PlainCell {
  AgentId id;
  double x;
  float age;
  std::uint8_t state;
  std::uint32_t seen;
  bool operator==(const PlainCell&) const = default;
};

std::vector<PlainCell> plain(const Population& cells) {
  std::vector<PlainCell> all;
  for (std::size_t i = 0; i < cells.size(); ++i)
    all.push_back({cells.ids()[i], cells.column(x)[i], cells.column(age)[i], cells.column(state)[i], cells.column(seen)[i]});
  return all;
}

void write(Population& cells, std::size_t row, double value) {
  cells.column(x)[row] = value;
  cells.column(age)[row] = static_cast<float>(-value);
  cells.column(state)[row] = static_cast<std::uint8_t>(static_cast<unsigned>(value) % 251);
  cells.column(seen)[row] = static_cast<std::uint32_t>(value) * 3U;
}
PlainCell written(AgentId id, double value) {
  return {id, value, static_cast<float>(-value), static_cast<std::uint8_t>(static_cast<unsigned>(value) % 251),
          static_cast<std::uint32_t>(value) * 3U};
}

void remove_plainly(std::vector<PlainCell>& cells, const std::vector<std::uint32_t>& rows) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    cells[*row] = cells.back();
    cells.pop_back();
  }
}

/// Random operations on two populations and on their plain twins; true when they agree after each. `fault` spoils the twin's removal.
bool follows_reference(unsigned seed, bool fault) {
  std::mt19937 random(seed);
  Population here(cell, 5), there(cell, 6);
  std::vector<PlainCell> plain_here, plain_there;
  std::uint64_t given = 0;
  double value = 0.0;
  for (int operation = 0; operation < 400; ++operation) {
    switch (random() % 6) {
      case 0:
      case 1: {
        const std::size_t count = random() % 20, first = here.add(count);
        if (first != plain_here.size()) return false;
        for (std::size_t i = 0; i < count; ++i) plain_here.push_back({agent_id(5, ++given), 0.0, 0.0F, 0, 0});
        if (plain(here) != plain_here) return false;
        for (std::size_t i = first; i < here.size(); ++i) {
          value += 1.0;
          write(here, i, value);
          plain_here[i] = written(plain_here[i].id, value);
        }
        break;
      }
      case 2:
      case 3: {
        std::vector<std::uint32_t> rows;
        for (std::uint32_t i = 0; i < here.size(); ++i)
          if (random() % 4 == 0) rows.push_back(i);
        here.remove(rows);
        remove_plainly(plain_here, rows);
        if (fault && rows.size() > 1 && rows.back() < plain_here.size()) std::swap(plain_here.front(), plain_here.back());
        break;
      }
      case 4:
        if (here.size() > 0) {
          const std::uint32_t row = static_cast<std::uint32_t>(random() % here.size());
          there.take(here, row);
          plain_there.push_back(plain_here[row]);
          here.remove(std::vector{row});
          remove_plainly(plain_here, {row});
        }
        break;
      default:
        if (random() % 20 == 0) {
          here.clear();
          plain_here.clear();
        } else {
          here.reserve(random() % 300);
        }
    }
    if (plain(here) != plain_here || plain(there) != plain_there) return false;
  }
  return given > 500 && plain_there.size() > 10;
}

}  // namespace

TEST_CASE("population: any sequence of operations gives what a vector of structs gives", "[property]") {
  for (unsigned seed = 1; seed <= 200; ++seed) REQUIRE(follows_reference(seed, false));
  for (unsigned seed = 1; seed <= 5; ++seed) REQUIRE_FALSE(follows_reference(seed, true));
}

TEST_CASE("population: new agents are zero, also in rows that were used before", "[unit]") {
  Population cells(cell, 1);
  cells.add(10);
  for (std::size_t i = 0; i < 10; ++i) write(cells, i, 77.0);
  cells.clear();
  REQUIRE(cells.size() == 0);
  cells.add(10);
  for (std::size_t i = 0; i < 10; ++i) REQUIRE(plain(cells)[i] == PlainCell{agent_id(1, 11 + i), 0.0, 0.0F, 0, 0});
}

TEST_CASE("population: ids carry patch, kind and number, and no two agents share one", "[unit]") {
  Population first(cell, 0xABCDEF, 0), second(cell, 0xABCDEF, 15);
  first.add(3);
  second.add(3);
  REQUIRE(first.ids()[0] == 0xABCDEF'0000000001U);
  REQUIRE(first.ids()[2] == 0xABCDEF'0000000003U);
  REQUIRE(second.ids()[0] == 0xABCDEF'F000000001U);
  std::set<AgentId> all;
  for (std::uint32_t kind = 0; kind < 16; ++kind)
    for (std::uint32_t patch = 0; patch < 4; ++patch) {
      Population cells(cell, patch, kind);
      for (int round = 0; round < 3; ++round) {
        cells.add(50);
        all.insert(cells.ids().begin(), cells.ids().end());
        cells.remove(std::vector<std::uint32_t>{0, 7, static_cast<std::uint32_t>(cells.size() - 1)});
      }
    }
  REQUIRE(all.size() == 16 * 4 * 150);
}

TEST_CASE("population: removal fills gaps from the end, the highest row first", "[unit]") {
  Population cells(cell, 0);
  cells.add(6);
  cells.remove(std::vector<std::uint32_t>{1, 4});  // 0 1 2 3 5 -> 0 5 2 3
  REQUIRE(std::vector<AgentId>(cells.ids().begin(), cells.ids().end()) == std::vector<AgentId>{1, 6, 3, 4});
  cells.remove(std::vector<std::uint32_t>{0, 1, 2, 3});
  REQUIRE(cells.size() == 0);
  cells.remove({});
}

TEST_CASE("population: columns begin at cache lines, and nothing moves below the capacity, which grows by half", "[unit]") {
  Population cells(cell, 0);
  cells.reserve(100);
  REQUIRE(cells.capacity() == 100);
  cells.add(1);
  const void* const before = cells.raw(x.index);
  cells.add(99);
  cells.remove(std::vector<std::uint32_t>{3, 50});
  cells.add(2);
  REQUIRE(cells.raw(x.index) == before);
  cells.add(1);
  REQUIRE(cells.capacity() == 150);
  for (std::size_t i = 0; i < cell.columns.size(); ++i) REQUIRE(reinterpret_cast<std::uintptr_t>(cells.raw(i)) % 64 == 0);
  REQUIRE(reinterpret_cast<std::uintptr_t>(cells.ids().data()) % 64 == 0);
  REQUIRE(cells.bytes_per_agent() == 8 + 8 + 4 + 1 + 4);
}

TEST_CASE("population: misuse is a logic error", "[unit]") {
  Population cells(cell, 0), others(other_cell, 0);
  cells.add(5);
  others.add(5);
  REQUIRE_THROWS_AS(cells.column(Column<float>{0}), std::logic_error);
  REQUIRE_THROWS_AS(cells.column(Column<std::int32_t>{3}), std::logic_error);
  REQUIRE_THROWS_AS(std::as_const(cells).column(Column<double>{4}), std::logic_error);
  REQUIRE_THROWS_AS(cells.raw(4), std::logic_error);
  REQUIRE_THROWS_AS(cells.remove(std::vector<std::uint32_t>{2, 1}), std::logic_error);
  REQUIRE_THROWS_AS(cells.remove(std::vector<std::uint32_t>{2, 2}), std::logic_error);
  REQUIRE_THROWS_AS(cells.remove(std::vector<std::uint32_t>{1, 5}), std::logic_error);
  REQUIRE_THROWS_AS(cells.take(others, 0), std::logic_error);
  REQUIRE_THROWS_AS(cells.take(cells, 0), std::logic_error);
  REQUIRE_THROWS_AS(cells.take(Population(cell, 1), 0), std::logic_error);
  REQUIRE(cells.size() == 5);
  REQUIRE_THROWS_AS(Population(cell, 0, 16), std::logic_error);
  REQUIRE_THROWS_AS(Population(cell, 0x1000000, 0), std::logic_error);
  REQUIRE_THROWS_AS(cells.add(std::size_t{1} << 36), std::length_error);
  constexpr ColumnInfo twice[] = {{.name = "x"}, {.name = "x"}}, nameless[] = {{.name = ""}};
  REQUIRE_THROWS_AS(Population(AgentKind({.name = "k", .columns = twice, .meaning = ""}), 0), std::logic_error);
  REQUIRE_THROWS_AS(Population(AgentKind({.name = "k", .columns = nameless, .meaning = ""}), 0), std::logic_error);
}

TEST_CASE("population: a copy is independent", "[unit]") {
  Population cells(cell, 0);
  cells.add(3);
  Population copy = cells;
  copy.column(x)[1] = 4.0;
  copy.add(1);
  REQUIRE(cells.column(x)[1] == 0.0);
  REQUIRE(cells.size() == 3);
  REQUIRE(copy.ids()[3] == agent_id(0, 4));
}

TEST_CASE("population: it comes back from an archive whole and goes on with the next fresh id", "[unit]") {
  Population cells(cell, 9, 2);
  cells.add(40);
  for (std::size_t i = 0; i < 40; ++i) write(cells, i, static_cast<double>(i) + 1.0);
  cells.remove(std::vector<std::uint32_t>{0, 20, 39});
  Population empty(cell, 9, 2), full(cell, 9, 2);
  full.add(100);
  for (Population* const loaded : {&empty, &full}) {
    paracrine::tests::transfer(cells, *loaded);
    REQUIRE(plain(*loaded) == plain(cells));
    loaded->add(1);
    REQUIRE(loaded->ids().back() == agent_id(9, (std::uint64_t{2} << 36) + 41));
  }
  Population none(cell, 9, 2);
  paracrine::tests::transfer(none, full);
  REQUIRE(full.size() == 0);
}

TEST_CASE("population: every column is in the archive, and one of another length is refused", "[unit]") {
  Population cells(cell, 0), loaded(cell, 0);
  cells.add(3);
  for (std::size_t i = 0; i < 3; ++i) write(cells, i, static_cast<double>(i) + 1.0);
  auto archive = paracrine::tests::transfer(cells, loaded);
  REQUIRE(archive.entries.size() == 2 + cell.columns.size());
  for (const ColumnInfo& column : cell.columns) {
    const std::string path = "columns/" + std::string(column.name);
    auto changed = archive;
    changed.entries.at(path).bytes[0] ^= std::byte{1};
    loaded.archive(changed);
    REQUIRE(plain(loaded) != plain(cells));
    changed.entries.at(path).bytes.resize(size_of(column.type) * 2);
    REQUIRE_THROWS_AS(loaded.archive(changed), RunError);
  }
}
