#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/io/hdf5.hpp"

/// Reading from files that anybody may have made or damaged: nothing is read before its type, rank and length are what they must be. Every function
/// throws h5::Error that says what was expected.
namespace paracrine::sim::io::h5 {

/// A dataset of numbers of this type and rank.
Id open_numbers(hid_t parent, const std::string& path, ElementType type, std::size_t rank);
/// Numbers of a list: its first `count`, or all; the list must hold as many.
template <class T>
std::vector<T> read_list(hid_t parent, const std::string& path, std::optional<hsize_t> count = {});
/// Row `row` of a table of doubles that is `width` wide.
std::vector<double> read_row(hid_t parent, const std::string& path, hsize_t row, hsize_t width);
/// A single text; all texts of a list.
std::string read_single_text(hid_t parent, const std::string& path);
std::vector<std::string> read_text_list(hid_t parent, const std::string& path);
/// Whether `path` below `parent` leads to an object, each step over an ordinary link.
bool leads_somewhere(hid_t parent, const std::string& path);
/// Names of the groups in a group, by the alphabet; none when the group is missing.
std::vector<std::string> groups_in(hid_t parent, const std::string& path);

/// Refuses what no file of ours holds: links that leave the file or its tree, objects that are met twice, deep nesting, datasets whose values lie
/// elsewhere, unknown filters and types, extents that the file cannot hold, attributes of other types. To be called before anything else is read.
/// `file_bytes`: size of the file.
void check_structure(hid_t file, std::uint64_t file_bytes);

}  // namespace paracrine::sim::io::h5
