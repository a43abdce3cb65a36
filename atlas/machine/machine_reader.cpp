// The visitor of the form that fills a Machine from YAML, and the checks of what cannot be.
#include "atlas/machine/machine_reader.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <span>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/base/yaml.h"
#include "atlas/machine/machine_form.h"

namespace atlas {
namespace {

constexpr std::size_t kLongestText = 400;
constexpr std::size_t kMostItems = 64;

using Sources = std::map<std::string, std::string>;

// "3.35 TB/s (sheet)": what stands before the parentheses, and in them.
struct Sourced {
  std::string text;
  std::string source;
  bool estimate = false;
};

Sourced split_source(const Yaml& yaml, const Sources& sources) {
  const std::string& text = yaml.text();
  const std::size_t open = text.find(" (");
  if (text.size() > kLongestText || open == std::string::npos || text.back() != ')' || open == 0)
    yaml.expected("a figure and its source, as in '80 GB (sheet)' or '80 GB (estimate, why)'");
  Sourced out;
  out.text = text.substr(0, open);
  const std::string source = text.substr(open + 2, text.size() - open - 3);
  if (source == "estimate" || source.starts_with("estimate, ")) {
    out.estimate = true;
    if (source.size() > 10) out.source = source.substr(10);
    return out;
  }
  const auto found = sources.find(source);
  if (found == sources.end())
    yaml.expected("a source that is a key of 'sources', or 'estimate', in parentheses behind the figure");
  out.source = found->second;
  return out;
}

class Reader {
 public:
  Reader(const Yaml& yaml, const Sources& sources) : yaml_(yaml), sources_(sources) {}

  void word(const char* key, std::string& to, const char*, bool needed = false) {
    const Yaml* found = find(key, needed);
    if (!found) return;
    to = found->text();
    if (to.empty() || to.size() > kLongestText) found->expected("some words");
  }

  void choice(const char* key, std::string& to, std::span<const std::string_view> among, const char*,
              bool needed = false) {
    const Yaml* found = find(key, needed);
    if (!found) return;
    to = found->text();
    if (std::ranges::find(among, to) == among.end())
      found->expected(fmt::format("one of {}", fmt::join(among, ", ")));
  }

  void figure(const char* key, Figure& to, Dimension dimension, const char*, bool needed = false) {
    if (const Yaml* found = find(key, needed)) to = read_figure(*found, dimension);
  }

  void sourced(const char* key, SourcedText& to, const char*) {
    const Yaml* found = find(key, false);
    if (!found) return;
    Sourced split = split_source(*found, sources_);
    to = {std::move(split.text), std::move(split.source), split.estimate};
  }

  void rates(const char* key, std::vector<Rate>& to, Dimension dimension, const char*, bool needed = false) {
    const Yaml* found = find(key, needed);
    if (!found) return;
    for (const auto& [format, rate] : found->members()) {
      if (std::ranges::find(kNumberFormats, format) == std::end(kNumberFormats))
        rate.expected(fmt::format("number formats among {} (the key here is '{}')",
                                  fmt::join(kNumberFormats, ", "), format));
      to.push_back({format, read_figure(rate, dimension)});
    }
    if (to.empty()) found->expected("at least one rate");
  }

  void words(const char* key, std::vector<std::string>& to, const char*) {
    const Yaml* found = find(key, false);
    if (!found) return;
    for (const Yaml& item : list(*found)) to.push_back(item.text());
  }

  void count(const char* key, int& to, int least, int most, const char*, bool needed = false) {
    if (const Yaml* found = find(key, needed)) to = static_cast<int>(found->integer(least, most));
  }

  template <typename Part>
  void part(const char* key, Part& to, const char*) {
    if (const Yaml* found = find(key, false)) read(*found, to);
  }

  template <typename Part>
  void parts(const char* key, std::vector<Part>& to, const char*, bool needed = false) {
    const Yaml* found = find(key, needed);
    if (!found) return;
    for (const Yaml& item : list(*found)) read(item, to.emplace_back());
  }

  // What the form did not ask for is a mistake.
  void allow(std::string_view key) { known_.push_back(key); }
  void finish() const {
    for (const auto& [key, value] : yaml_.members())
      if (std::ranges::find(known_, key) == known_.end())
        value.expected(
            fmt::format("one of the members {} (the key here is '{}')", fmt::join(known_, ", "), key));
  }

 private:
  const Yaml* find(const char* key, bool needed) {
    known_.push_back(key);
    return needed ? &yaml_.at(key) : yaml_.find(key);
  }

  const std::vector<Yaml>& list(const Yaml& yaml) const {
    if (yaml.items().size() > kMostItems) yaml.expected(fmt::format("at most {} items", kMostItems));
    return yaml.items();
  }

  template <typename Part>
  void read(const Yaml& yaml, Part& to) const {
    Reader inner(yaml, sources_);
    visit(inner, to);
    inner.finish();
  }

  Figure read_figure(const Yaml& yaml, Dimension dimension) const {
    Sourced split = split_source(yaml, sources_);
    const std::optional<double> value = parse_quantity(split.text, dimension);
    if (!value) yaml.expected(describe(dimension) + ", then its source in parentheses");
    if (*value <= 0 || *value > 1e24) yaml.expected("more than zero: " + describe(dimension));
    if (dimension == Dimension::Year && (*value < 1940 || *value > 2100))
      yaml.expected("a year from 1940 to 2100");
    return {*value, std::move(split.source), split.estimate};
  }

  const Yaml& yaml_;
  const Sources& sources_;
  std::vector<std::string_view> known_;
};

// Rates, clock and units of a matrix engine say the same thing twice: sparse rates written as dense ones, or
// rates at another clock, show here.
void check_engine(const Yaml& yaml, const Engine& engine, const Clock& clock) {
  for (const Rate& sparse : engine.sparse) {
    const Figure dense = engine.rate(sparse.format);
    if (dense.known() && sparse.rate.value < dense.value)
      yaml.expected(fmt::format("a sparse {} rate of at least the dense one", sparse.format));
  }
  if (!engine.macs.known()) return;
  const Figure rate = engine.rate(engine.macs_in);
  if (engine.macs_in.empty() || !engine.count.known() || !clock.peak.known() || !rate.known())
    yaml.expected("count, macs_in, a dense rate in that format and clock.peak beside macs");
  const double derived = engine.count.value * engine.macs.value * 2 * clock.peak.value;
  if (std::abs(rate.value / derived - 1) > 0.1)
    yaml.expected(
        fmt::format("a dense {} rate within 10 % of count x macs x 2 x clock.peak = {}, not {} "
                    "(a sparse rate, or one at another clock?)",
                    engine.macs_in, format_quantity(derived, Dimension::Ops),
                    format_quantity(rate.value, Dimension::Ops)));
}

double total_capacity(const Machine& machine, const Memory& memory) {
  return memory.capacity.value * (memory.shared == "core" ? machine.compute.cores.value : 1);
}

void check_memories(const Yaml& yaml, const Machine& machine) {
  for (std::size_t i = 0; i < machine.memories.size(); ++i) {
    const Memory& inner = machine.memories[i];
    for (std::size_t j = 0; j < i; ++j)
      if (machine.memories[j].name == inner.name)
        yaml.at("memories")
            .items()[i]
            .expected("a name of its own for each memory, not '" + inner.name + "' twice");
    if (i == 0) continue;
    // Registers and caches near the cores may together exceed a shared cache; none exceeds the memory.
    const Memory& outer = machine.memories.front();
    if (total_capacity(machine, inner) > total_capacity(machine, outer))
      yaml.at("memories")
          .items()[i]
          .at("capacity")
          .expected(fmt::format("{} to hold less than {} behind it, {}", inner.name, outer.name,
                                format_quantity(total_capacity(machine, outer), Dimension::Bytes)));
    for (std::size_t j = 0; j < i; ++j) {
      const Figure& behind = machine.memories[j].bandwidth;
      if (behind.known() && inner.bandwidth.known() && inner.bandwidth.value < behind.value)
        yaml.at("memories")
            .items()[i]
            .at("bandwidth")
            .expected(fmt::format("{} to be at least as fast as {} behind it, {}", inner.name,
                                  machine.memories[j].name,
                                  format_quantity(behind.value, Dimension::Bandwidth)));
    }
  }
}

void check(const Yaml& yaml, const Machine& machine) {
  if (machine.is_node()) {
    if (yaml.find("compute"))
      yaml.at("compute").expected("no compute beside chips: a node computes by its chips");
    if (machine.chips.count > 1 && machine.links.empty()) yaml.expected("links between the chips of a node");
    return;
  }
  yaml.at("compute");
  if (machine.memories.empty()) yaml.expected("at least one memory");
  const Clock& clock = machine.compute.clock;
  if (clock.sustained.known() && clock.boost.known() && clock.sustained.value > clock.boost.value)
    yaml.at("compute").at("clock").at("sustained").expected("at most clock.boost");
  if (clock.peak.known() && clock.boost.known() && clock.peak.value > clock.boost.value)
    yaml.at("compute").at("clock").at("peak").expected("at most clock.boost");
  const std::vector<Engine>& engines = machine.compute.engines;
  if (engines.empty()) yaml.at("compute").at("engines").expected("at least one engine");
  for (std::size_t i = 0; i < engines.size(); ++i)
    check_engine(yaml.at("compute").at("engines").items()[i], engines[i], clock);
  check_memories(yaml, machine);
  if (machine.power.idle.known() && machine.power.tdp.known() &&
      machine.power.idle.value > machine.power.tdp.value)
    yaml.at("power").at("idle").expected("at most power.tdp");
}

}  // namespace

Machine parse_machine(const std::string& text, const std::string& where) {
  const Yaml yaml = Yaml::parse(text, where);
  Sources sources;
  if (const Yaml* found = yaml.find("sources"))
    for (const auto& [key, source] : found->members()) {
      if (key.starts_with("estimate")) source.expected("another key than 'estimate'");
      if (source.text().size() > kLongestText) source.expected("a shorter source");
      sources[key] = source.text();
    }
  Machine machine;
  machine.path = where;
  machine.name = std::filesystem::path(where).stem().string();
  Reader reader(yaml, sources);
  reader.allow("sources");
  visit(reader, machine);
  reader.finish();
  check(yaml, machine);
  return machine;
}

Machine read_machine(const std::filesystem::path& path) {
  return parse_machine(read_text(path, std::size_t{1} << 20), path.string());
}

}  // namespace atlas
