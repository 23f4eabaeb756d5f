#include "sim/fields/sparse.hpp"

namespace paracrine::sim {

Sparse::Sparse(const std::vector<double>& dense) {
  for (std::size_t place = 0; place < dense.size(); ++place)
    if (dense[place] != 0.0) entries_.emplace_back(static_cast<std::uint32_t>(place), dense[place]);
  entries_.shrink_to_fit();
}

double Sparse::operator[](std::size_t place) const {
  const auto found = at(place);
  return found != entries_.end() && found->first == place ? found->second : 0.0;
}

}  // namespace paracrine::sim
