#include "sim/io/commits.hpp"

#include <algorithm>

#include "sim/io/content.hpp"
#include "sim/io/copy.hpp"
#include "sim/io/reading.hpp"
#include "sim/io/schema.hpp"

namespace paracrine::sim::io {

namespace {

constexpr std::size_t columns = 8;
constexpr hsize_t most_commits = hsize_t{1} << 27;

void hash_rows(Hash& hash, const RowCounts& rows) {
  for (const std::uint64_t count : {rows.rows, rows.audit_rows, rows.events, rows.field_frames, rows.agent_frames, rows.agent_rows})
    hash.number(count);
}

/// Paths of the datasets with values that grow, in the order of names, outside /provenance.
void add_growing(hid_t file, const std::string& path, std::vector<std::string>& found) {
  const h5::Id group = h5::open_group(file, path);
  for (const auto& name : h5::names(group.get())) {
    const std::string inner = variable_path(path, name);
    if (inner == "/provenance") continue;
    if (h5::is_group(group.get(), name)) {
      add_growing(file, inner, found);
      continue;
    }
    const h5::Id dataset = h5::open_dataset(group.get(), name);
    if (grows(dataset.get()) && !stands_for_length(dataset.get())) found.push_back(inner);
  }
}

/// For every commit behind the first, the checksum of what it added to one dataset; `ends`: the dataset's rows behind each commit.
std::vector<Checksum> checksums_of_parts(hid_t dataset, const std::vector<std::uint64_t>& ends) {
  std::vector<Checksum> result(ends.size());
  const h5::Id type = h5::type_of_dataset(dataset);
  const auto element = h5::element_type_of(type.get());
  if (!element) throw h5::Error("checking the rows: a dataset that grows holds no numbers", 0);
  const std::size_t row = row_bytes(dataset, *element);
  Hash hash;
  std::size_t commit = 0;
  std::uint64_t at = 0;
  const auto finish = [&] {
    for (; commit < ends.size() && ends[commit] <= at; ++commit) {
      result[commit] = hash.result();
      hash.reset();
    }
  };
  finish();
  for_each_block(dataset, *element, ends.empty() ? 0 : ends.back(), [&](const char* data, hsize_t first, hsize_t count) {
    while (at < first + count) {
      const std::uint64_t end = std::min<std::uint64_t>(first + count, ends[commit]);
      hash.bytes(data + (at - first) * row, (end - at) * row);
      at = end;
      finish();
    }
  });
  at = ends.empty() ? 0 : ends.back();  // rows without values: nothing was read
  finish();
  return result;
}

}  // namespace

std::vector<std::string> commit_columns() {
  return {"rows", "audit_rows", "events", "field_frames", "agent_frames", "agent_rows", "checksum_high", "checksum_low"};
}

std::vector<std::uint64_t> to_columns(const Commit& commit) {
  const RowCounts& rows = commit.rows;
  return {rows.rows, rows.audit_rows, rows.events, rows.field_frames, rows.agent_frames, rows.agent_rows, commit.checksum.high, commit.checksum.low};
}

Commit next_commit(const Commit& before, const RowCounts& rows, const AddedRows& added) {
  Hash hash;
  hash.checksum(before.checksum);
  hash_rows(hash, rows);
  for (const auto& [path, checksum] : added) {
    hash.text(path);
    hash.checksum(checksum);
  }
  return {rows, hash.result()};
}

std::vector<Commit> read_commits(hid_t file) {
  std::vector<Commit> commits;
  if (!h5::leads_somewhere(file, commits_path)) return commits;
  const h5::Id table = h5::open_numbers(file, commits_path, ElementType::u64, 2);
  const auto size = h5::extent(table.get());
  if (size[1] != columns || size[0] > most_commits) throw h5::Error(std::string(commits_path) + ": its shape is wrong", 0);
  std::vector<std::uint64_t> values(size[0] * columns);
  h5::read_rows(table.get(), H5T_NATIVE_UINT64, 0, size[0], values.data());
  constexpr std::uint64_t missing = ~std::uint64_t{0};
  for (std::size_t i = 0; i < size[0]; ++i) {
    const std::uint64_t* v = &values[i * columns];
    if (v[0] == missing) break;  // the table has grown, and its new entry is not there yet
    const Commit commit{{v[0], v[1], v[2], v[3], v[4], v[5]}, {v[6], v[7]}};
    const RowCounts before = commits.empty() ? RowCounts{} : commits.back().rows;
    if (!holds(commit.rows, before)) throw h5::Error(std::string(commits_path) + ": a commit has fewer rows than the one before", 0);
    commits.push_back(commit);
  }
  return commits;
}

void verify_commits(hid_t file, const RowCounts& rows) {
  std::vector<Commit> commits = read_commits(file);
  const auto last = std::find_if(commits.rbegin(), commits.rend(), [&](const Commit& commit) { return commit.rows == rows; });
  if (last == commits.rend()) throw h5::Error("no commit left the rows that the file holds", 0);
  commits.erase(last.base(), commits.end());
  if (commits.front().rows != RowCounts{} || commits.front().checksum != beginning_checksum(file))
    throw h5::Error("its checksum is not that of what it says of the run", 0);
  std::vector<std::string> paths;
  add_growing(file, "/", paths);
  std::sort(paths.begin(), paths.end());
  std::vector<AddedRows> added(commits.size());
  const CommittedLengths lengths(file, commits);
  for (const auto& path : paths) {
    const h5::Id dataset = h5::open_dataset(file, path);
    const auto size = h5::extent(dataset.get());
    if (std::find(size.begin() + 1, size.end(), 0) != size.end()) continue;
    std::vector<std::uint64_t> ends;
    for (std::size_t i = 0; i < commits.size(); ++i) ends.push_back(lengths.of(path, dataset.get(), i));
    if (ends.back() > size[0]) throw h5::Error(path + ": it holds fewer rows than were committed", 0);
    const auto checksums = checksums_of_parts(dataset.get(), ends);
    for (std::size_t i = 1; i < commits.size(); ++i)
      if (ends[i] > ends[i - 1]) added[i].emplace_back(path, checksums[i]);
  }
  for (std::size_t i = 1; i < commits.size(); ++i)
    if (next_commit(commits[i - 1], commits[i].rows, added[i]).checksum != commits[i].checksum)
      throw h5::Error("its rows are not those that were committed: a checksum differs", 0);
}

void verify_run(hid_t file) {
  if (const std::string checksum = h5::text_attribute(file, "checksum"); !checksum.empty()) {
    if (checksum != to_hex(file_checksum(file))) throw h5::Error("its checksum is not that of its content", 0);
    return;
  }
  const RowCounts rows = committed_rows(file);
  const CommittedLengths lengths(file, rows);
  if (!read_commits(file).empty()) verify_commits(file, rows);
}

std::optional<Checksum> checksum_of_rows(hid_t file, const RowCounts& rows) {
  const auto commits = read_commits(file);
  const auto found = std::find_if(commits.rbegin(), commits.rend(), [&](const Commit& commit) { return commit.rows == rows; });
  if (found == commits.rend()) return {};
  return found->checksum;
}

}  // namespace paracrine::sim::io
