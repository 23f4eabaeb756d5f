#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace paracrine::driver {

/// "1 row", "2 rows".
std::string counted(std::uint64_t count, std::string_view noun);

/// A time given as an option: "14 d", "10 min". InputError naming the option.
double option_seconds(const std::string& option, const std::string& text);

}  // namespace paracrine::driver
