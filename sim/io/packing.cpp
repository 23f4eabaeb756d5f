#include "sim/io/packing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

namespace paracrine::sim::io::packing {

namespace {

static_assert(std::endian::native == std::endian::little, "files are little-endian, and numbers are copied as they are");

/// The forms of a block. Its first byte is one of them; then, with w bytes per value, n values:
///   raw         n w bytes
///   constant    the value, w bytes
///   packed      reference r and shift s (8 bytes, 1 byte), bits b (1 byte), n numbers k of b bits: value = (r + k) << s
///   signed_     the same with the sign in the lowest bit: value = sign << (8 w - 1) | (r + k) << s >> 1
///   steps       first value f and reference r (8 bytes each), bits b, n - 1 numbers k of b bits: value = value before + r + k
///   dictionary  count - 1 (1 byte), the values (w bytes each), n indices of as many bits as the count needs
///   sparse      a value (w bytes), n bits (1: another value), then a block of the others in any other form; not there when there are none
enum class Form : std::uint8_t { raw, constant, packed, signed_, steps, dictionary, sparse };

constexpr std::size_t most_words = 256;        // of a dictionary
constexpr std::size_t word_table_size = 1024;  // power of two
constexpr unsigned bits_worth_a_dictionary = 10;

using Patterns = std::span<const std::uint64_t>;

std::size_t bytes_of(std::size_t count, unsigned bits) { return (count * bits + 7) / 8; }
unsigned bits_of(std::uint64_t largest) { return static_cast<unsigned>(std::bit_width(largest)); }

template <class T>
void spread(const std::byte* values, std::size_t count, std::uint64_t* patterns) {
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, values + i * sizeof(T), sizeof(T));
    patterns[i] = value;
  }
}
template <class T>
void gather(const std::uint64_t* patterns, std::size_t count, std::byte* values) {
  for (std::size_t i = 0; i < count; ++i) {
    if constexpr (sizeof(T) < 8)
      if (patterns[i] >> (8 * sizeof(T)) != 0) throw Error("a number is too large for its type");
    const auto value = static_cast<T>(patterns[i]);
    std::memcpy(values + i * sizeof(T), &value, sizeof(T));
  }
}

class Output {
 public:
  explicit Output(std::vector<std::byte>& bytes) : bytes_(bytes) {}
  void number(std::uint64_t value, std::size_t width) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + width);
    std::memcpy(bytes_.data() + at, &value, width);
  }
  void form(Form form) { number(static_cast<std::uint64_t>(form), 1); }
  /// `count` numbers of `bits` bits, one behind the other.
  template <class Number>
  void packed(std::size_t count, unsigned bits, Number&& of) {
    if (bits == 0) return;
    const std::size_t at = bytes_.size(), length = bytes_of(count, bits);
    bytes_.resize(at + length);
    std::byte* to = bytes_.data() + at;
    std::uint64_t word = 0;
    unsigned used = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t value = of(i);
      word |= value << used;
      if (used + bits >= 64) {
        std::memcpy(to, &word, 8);
        to += 8;
        word = used == 0 ? 0 : value >> (64 - used);
        used = used + bits - 64;
      } else {
        used += bits;
      }
    }
    std::memcpy(to, &word, (used + 7) / 8);
  }

 private:
  std::vector<std::byte>& bytes_;
};

class Input {
 public:
  explicit Input(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> take(std::size_t count) {
    if (count > bytes_.size() - at_) throw Error("a block ends early");
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    std::memcpy(&value, take(width).data(), width);
    return value;
  }
  unsigned bits() {
    const std::uint64_t value = number(1);
    if (value > 64) throw Error("a number of more than 64 bits");
    return static_cast<unsigned>(value);
  }
  template <class Use>
  void packed(std::size_t count, unsigned bits, Use&& use) {
    const std::span<const std::byte> from = take(bytes_of(count, bits));
    const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    std::size_t whole = 0;  // those that 16 bytes from their first one hold
    if (bits > 0 && from.size() >= 16) whole = std::min(count, ((from.size() - 16) * 8) / bits + 1);
    for (std::size_t i = 0; i < whole; ++i) {
      std::uint64_t low = 0, high = 0;
      const std::size_t bit = i * bits, shift = bit % 8;
      std::memcpy(&low, from.data() + bit / 8, 8);
      std::memcpy(&high, from.data() + bit / 8 + 8, 8);
      use(i, (shift == 0 ? low : low >> shift | high << (64 - shift)) & mask);
    }
    for (std::size_t i = whole; i < count; ++i) {
      std::array<std::byte, 16> room{};
      const std::size_t bit = i * bits, shift = bit % 8, first = std::min(bit / 8, from.size());
      std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(first), std::min<std::size_t>(16, from.size() - first), room.begin());
      std::uint64_t low = 0, high = 0;
      std::memcpy(&low, room.data(), 8);
      std::memcpy(&high, room.data() + 8, 8);
      use(i, (shift == 0 ? low : low >> shift | high << (64 - shift)) & mask);
    }
  }
  std::size_t used() const { return at_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

/// The distinct values of a block, if they are few.
class Dictionary {
 public:
  bool fill(Patterns values) {
    table_.fill(empty);
    for (const std::uint64_t value : values) {
      std::size_t slot = slot_of(value);
      while (table_[slot] != empty && words[table_[slot]] != value) slot = (slot + 1) % word_table_size;
      if (table_[slot] != empty) continue;
      if (count == most_words) return false;
      table_[slot] = static_cast<std::uint16_t>(count);
      words[count++] = value;
    }
    return true;
  }
  std::uint64_t index(std::uint64_t value) const {
    std::size_t slot = slot_of(value);
    while (words[table_[slot]] != value) slot = (slot + 1) % word_table_size;
    return table_[slot];
  }
  unsigned bits() const { return bits_of(count - 1); }
  std::array<std::uint64_t, most_words> words;
  std::size_t count = 0;

 private:
  static constexpr std::uint16_t empty = 0xFFFF;
  static std::size_t slot_of(std::uint64_t value) { return static_cast<std::size_t>((value * 0x9E3779B97F4A7C15ULL) >> 54U); }
  std::array<std::uint16_t, word_table_size> table_;
};

/// How a block is written best without leaving values out.
struct Dense {
  Form form = Form::raw;
  std::size_t cost = 0;  // bytes behind the form
  unsigned bits = 0, shift = 0;
  std::uint64_t reference = 0;
  std::optional<Dictionary> dictionary{};
};

bool is_float(ElementType type) { return type == ElementType::f32 || type == ElementType::f64; }

Dense choose(Patterns values, ElementType type) {
  const std::size_t width = size_of(type), n = values.size();
  const unsigned sign = static_cast<unsigned>(8 * width - 1);
  Dense best{.form = Form::raw, .cost = n * width};
  const auto offer = [&best](const Dense& dense) {
    if (dense.cost < best.cost) best = dense;
  };
  std::uint64_t least = values[0], most = values[0], any = 0;
  for (const std::uint64_t value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
    any |= value;
  }
  if (least == most) return {.form = Form::constant, .cost = width, .reference = least};
  const bool mixed = is_float(type) && least >> sign != most >> sign;
  if (!mixed) {
    const auto shift = static_cast<unsigned>(std::countr_zero(any));
    const unsigned bits = bits_of((most >> shift) - (least >> shift));
    offer({.form = Form::packed, .cost = 10 + bytes_of(n, bits), .bits = bits, .shift = shift, .reference = least >> shift});
  } else {
    std::uint64_t mask = (std::uint64_t{1} << sign) - 1, low = mask, high = 0;
    const auto shift = (any & mask) == 0 ? 0U : static_cast<unsigned>(std::countr_zero(any & mask));
    for (const std::uint64_t value : values) {
      low = std::min(low, value & mask);
      high = std::max(high, value & mask);
    }
    const std::uint64_t reference = low >> shift << 1U;
    const unsigned bits = bits_of((high >> shift << 1U | 1U) - reference);
    offer({.form = Form::signed_, .cost = 10 + bytes_of(n, bits), .bits = bits, .shift = shift, .reference = reference});
  }
  if (!is_float(type) && width > 1) {
    auto down = static_cast<std::int64_t>(values[1] - values[0]), up = down;
    for (std::size_t i = 1; i < n; ++i) {
      const auto step = static_cast<std::int64_t>(values[i] - values[i - 1]);
      down = std::min(down, step);
      up = std::max(up, step);
    }
    const unsigned bits = bits_of(static_cast<std::uint64_t>(up) - static_cast<std::uint64_t>(down));
    offer({.form = Form::steps, .cost = 17 + bytes_of(n - 1, bits), .bits = bits, .reference = static_cast<std::uint64_t>(down)});
  }
  if (width > 1 && n >= 16 && best.cost * 8 > n * bits_worth_a_dictionary) {
    Dictionary dictionary;
    if (dictionary.fill(values)) {
      const std::size_t cost = 1 + dictionary.count * width + bytes_of(n, dictionary.bits());
      if (cost < best.cost) best = {.form = Form::dictionary, .cost = cost, .dictionary = dictionary};
    }
  }
  return best;
}

void write(const Dense& dense, Patterns values, ElementType type, Output& out) {
  const std::size_t width = size_of(type), n = values.size();
  const unsigned sign = static_cast<unsigned>(8 * width - 1), shift = dense.shift;
  out.form(dense.form);
  switch (dense.form) {
    case Form::raw:
      return out.packed(n, static_cast<unsigned>(8 * width), [&](std::size_t i) { return values[i]; });
    case Form::constant:
      return out.number(dense.reference, width);
    case Form::packed:
      out.number(dense.reference, 8);
      out.number(shift, 1);
      out.number(dense.bits, 1);
      return out.packed(n, dense.bits, [&](std::size_t i) { return (values[i] >> shift) - dense.reference; });
    case Form::signed_: {
      const std::uint64_t mask = (std::uint64_t{1} << sign) - 1;
      out.number(dense.reference, 8);
      out.number(shift, 1);
      out.number(dense.bits, 1);
      return out.packed(n, dense.bits, [&](std::size_t i) { return ((values[i] & mask) >> shift << 1U | values[i] >> sign) - dense.reference; });
    }
    case Form::steps:
      out.number(values[0], 8);
      out.number(dense.reference, 8);
      out.number(dense.bits, 1);
      return out.packed(n - 1, dense.bits, [&](std::size_t i) { return values[i + 1] - values[i] - dense.reference; });
    case Form::dictionary:
      out.number(dense.dictionary->count - 1, 1);
      for (std::size_t i = 0; i < dense.dictionary->count; ++i) out.number(dense.dictionary->words[i], width);
      return out.packed(n, dense.dictionary->bits(), [&](std::size_t i) { return dense.dictionary->index(values[i]); });
    case Form::sparse:
      break;
  }
  throw std::logic_error("a block of a form that leaves values out");
}

void read_dense(Input& in, Form form, ElementType type, std::span<std::uint64_t> values) {
  const std::size_t width = size_of(type), n = values.size();
  const unsigned sign = static_cast<unsigned>(8 * width - 1);
  const auto shift_of = [&] {
    const std::uint64_t shift = in.number(1);
    if (shift > 63) throw Error("a shift of more than 63 bits");
    return static_cast<unsigned>(shift);
  };
  switch (form) {
    case Form::raw:
      return in.packed(n, static_cast<unsigned>(8 * width), [&](std::size_t i, std::uint64_t k) { values[i] = k; });
    case Form::constant:
      return std::fill(values.begin(), values.end(), in.number(width));
    case Form::packed: {
      const std::uint64_t reference = in.number(8);
      const unsigned shift = shift_of(), bits = in.bits();
      return in.packed(n, bits, [&](std::size_t i, std::uint64_t k) { values[i] = (reference + k) << shift; });
    }
    case Form::signed_: {
      const std::uint64_t reference = in.number(8), mask = (std::uint64_t{1} << sign) - 1;
      const unsigned shift = shift_of(), bits = in.bits();
      return in.packed(n, bits, [&](std::size_t i, std::uint64_t k) {
        const std::uint64_t folded = reference + k;
        values[i] = ((folded >> 1U << shift) & mask) | (folded & 1U) << sign;
      });
    }
    case Form::steps: {
      const std::uint64_t first = in.number(8), reference = in.number(8);
      const unsigned bits = in.bits();
      values[0] = first;
      return in.packed(n - 1, bits, [&](std::size_t i, std::uint64_t k) { values[i + 1] = values[i] + reference + k; });
    }
    case Form::dictionary: {
      const std::size_t count = in.number(1) + 1;
      std::array<std::uint64_t, most_words> words{};
      for (std::size_t i = 0; i < count; ++i) words[i] = in.number(width);
      return in.packed(n, bits_of(count - 1), [&](std::size_t i, std::uint64_t k) {
        if (k >= count) throw Error("an index behind the end of its dictionary");
        values[i] = words[k];
      });
    }
    case Form::sparse:
      break;
  }
  throw Error("a block of no known form");
}

}  // namespace

Packer::Packer() : patterns_(block_values), rest_(block_values) {}
Unpacker::Unpacker() : patterns_(block_values), rest_(block_values) {}

void Packer::pack(ElementType type, const std::byte* data, std::size_t count, std::vector<std::byte>& out) {
  if (count == 0 || count > block_values) throw std::logic_error("a block of no or too many values");
  switch (size_of(type)) {
    case 1:
      spread<std::uint8_t>(data, count, patterns_.data());
      break;
    case 4:
      spread<std::uint32_t>(data, count, patterns_.data());
      break;
    default:
      spread<std::uint64_t>(data, count, patterns_.data());
  }
  const Patterns values(patterns_.data(), count);
  const std::size_t width = size_of(type);
  Output output(out);
  const Dense whole = choose(values, type);
  // what is often there may be left out: zeros of voxels outside, cells to which nothing happened yet
  const std::uint64_t common = *std::min_element(values.begin(), values.end());
  std::size_t others = 0;
  for (const std::uint64_t value : values) {
    rest_[others] = value;
    others += value != common ? 1 : 0;
  }
  const std::size_t sparse_cost = width + bytes_of(count, 1);
  if (others == 0 || (common != 0 && others > count - count / 32) || whole.cost <= sparse_cost) return write(whole, values, type, output);
  const Patterns rest(rest_.data(), others);
  const Dense dense = choose(rest, type);
  if (sparse_cost + 1 + dense.cost >= whole.cost) return write(whole, values, type, output);
  output.form(Form::sparse);
  output.number(common, width);
  output.packed(count, 1, [&](std::size_t i) { return std::uint64_t{values[i] != common}; });
  write(dense, rest, type, output);
}

std::size_t Unpacker::unpack(ElementType type, std::span<const std::byte> bytes, std::byte* data, std::size_t count) {
  if (count == 0 || count > block_values) throw std::logic_error("a block of no or too many values");
  Input in(bytes);
  const std::span<std::uint64_t> values(patterns_.data(), count);
  const auto form = static_cast<Form>(in.number(1));
  if (form == Form::sparse) {
    const std::uint64_t common = in.number(size_of(type));
    std::size_t others = 0;
    std::array<bool, block_values> other{};
    in.packed(count, 1, [&](std::size_t i, std::uint64_t k) {
      other[i] = k != 0;
      others += k;
    });
    if (others == 0) throw Error("a block without the values that it leaves out");
    read_dense(in, static_cast<Form>(in.number(1)), type, std::span(rest_.data(), others));
    for (std::size_t i = 0, next = 0; i < count; ++i) values[i] = other[i] ? rest_[next++] : common;
  } else {
    read_dense(in, form, type, values);
  }
  switch (size_of(type)) {
    case 1:
      gather<std::uint8_t>(values.data(), count, data);
      break;
    case 4:
      gather<std::uint32_t>(values.data(), count, data);
      break;
    default:
      gather<std::uint64_t>(values.data(), count, data);
  }
  return in.used();
}

}  // namespace paracrine::sim::io::packing
