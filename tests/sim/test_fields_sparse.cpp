#include "sim/fields/sparse.hpp"
#include "tests/support/catch.hpp"

using namespace paracrine::sim;

TEST_CASE("sparse: gives back what it was made from, at a place, added to others and in a stretch", "[unit]") {
  const std::vector<double> dense{0.0, 2.5, 0.0, 0.0, -1.0, 4.0, 0.0};
  const Sparse sparse(dense);
  for (std::size_t place = 0; place < dense.size(); ++place) CHECK(sparse[place] == dense[place]);
  std::vector<double> sum(dense.size(), 1.0);
  sparse.add_to(sum);
  CHECK(sum == std::vector<double>{1.0, 3.5, 1.0, 1.0, 0.0, 5.0, 1.0});
  CHECK(sparse.from<4>(1, 4) == std::array<double, 4>{2.5, 0.0, 0.0, -1.0});
  CHECK(sparse.from<4>(4, 1) == std::array<double, 4>{-1.0, 0.0, 0.0, 0.0});  // no more than is asked for
  CHECK(sparse.from<4>(6, 1) == std::array<double, 4>{});
  CHECK(Sparse()[3] == 0.0);
}
