// Times small models, each of an operator or two, against the roof that is measured at start.
//
//   operator_benchmark [--benchmark_...] FILE...
//
// Every file runs with one and with two threads. `operations` and `bytes` are rates of what the operators'
// own costs say; `of_roof` is the least time that the roof allows over the time of a run, and the label is
// what sets that least time: arithmetic, or the reading of a set of so many bytes.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <random>

#include "atlas/base/cpu_info.h"
#include "atlas/base/error.h"
#include "atlas/base/thread_pool.h"
#include "atlas/formats/model_file.h"
#include "atlas/ops/cost_context.h"
#include "atlas/ops/infer.h"
#include "atlas/run/session.h"
#include "atlas/targets/cpu/measured_roof.h"

namespace atlas {
namespace {

constexpr std::size_t kMostThreads = 2;
constexpr int kRoofTries = 5;
constexpr int kRepetitionsPerMeasurement = 40;

struct Work {
  double operations = 0;
  std::string format = "f32";  // of most operations
  double bytes_read = 0;
  double bytes_written = 0;

  double bytes() const { return bytes_read + bytes_written; }
};

double bytes_of(const Type& type) {
  const std::vector<std::int64_t> shape = constant_shape(*type.dims).value();
  return std::accumulate(shape.begin(), shape.end(), static_cast<double>(bits(type.dtype)) / 8,
                         [](double a, std::int64_t b) { return a * static_cast<double>(b); });
}

// What goes from one operator to the next can stay in registers: only the rest counts as bytes.
Work work_of(Graph graph, const OpRegistry& ops) {
  infer_types(graph, ops);
  Work work;
  Cost total;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    const std::optional<Cost> cost = cost_of_node(graph, node, ops);
    require(cost.has_value(), "{}: expected known shapes", describe(node));
    for (std::size_t i = 0; i < kDTypeCount; ++i) total.operations[i] += cost->operations[i];
    work.bytes_read += cost->bytes_read;
    work.bytes_written += cost->bytes_written;
    for (const ValueId input : node.inputs)
      if (input != ValueId::None && graph.value(input).producer != NodeId::None)
        work.bytes_read -= bytes_of(graph.value(input).type);
    for (const ValueId output : node.outputs)
      if (output != ValueId::None && std::ranges::find(graph.outputs, output) == graph.outputs.end())
        work.bytes_written -= bytes_of(graph.value(output).type);
  }
  work.operations = total.total_operations();
  const auto most = std::ranges::max_element(total.operations);
  if (*most > 0) work.format = name(static_cast<DType>(most - total.operations.begin()));
  return work;
}

Tensor random_tensor(const Type& type) {
  Tensor out(type.dtype, constant_shape(*type.dims).value());
  std::mt19937 generator(0);
  if (type.dtype == DType::F32) {
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (float& value : out.values_mutable<float>()) value = uniform(generator);
  } else {
    require(type.dtype == DType::U8, "input: expected f32 or u8, got {}", text(type));
    for (std::uint8_t& value : out.values_mutable<std::uint8_t>())
      value = static_cast<std::uint8_t>(generator());
  }
  return out;
}

// Bytes a second by the size of the set in use, as far as they were measured.
class SetRates {
 public:
  void add(std::size_t bytes, double rate) { rates_[bytes] = std::max(rates_[bytes], rate); }

  // A larger set is never moved faster: what looks so was disturbed.
  double rate(std::size_t bytes) const {
    double most = 0;
    for (auto at = rates_.lower_bound(bytes); at != rates_.end(); ++at) most = std::max(most, at->second);
    return most;
  }

 private:
  std::map<std::size_t, double> rates_;
};

// As many threads, and what they reach.
struct Crew {
  std::size_t threads;
  ThreadPool pool;
  Roof roof;
  SetRates read, copy;

  Crew(const Target& target, std::size_t count) : threads(count), pool(count), target_(target) {
    for (int i = 0; i < kRoofTries; ++i) measure();
  }

  // Others disturb a measurement but never help it: the highest counts.
  void measure() {
    Roof now = target_.measure_roof(pool);
    for (auto& [format, rate] : now.operations_per_s) rate = std::max(rate, roof.operations_per_s[format]);
    roof = std::move(now);
  }

  // For every repetition: the speed of processors that others share drifts, so now and then it is measured
  // again.
  void count_repetition() {
    if (++repetitions_ % kRepetitionsPerMeasurement == 0) measure();
  }

 private:
  const Target& target_;
  int repetitions_ = 0;
};

// A model as one crew runs it.
struct Trial {
  const Graph& graph;
  Work work;
  Crew& crew;
  std::unique_ptr<Session> session;  // once it is asked for

  void run(benchmark::State& state, const Registry& registry);
  void hold_against_roof(benchmark::State& state);
};

void Trial::hold_against_roof(benchmark::State& state) {
  crew.count_repetition();
  const auto bytes = static_cast<std::size_t>(work.bytes());
  crew.read.add(bytes, cpu::read_rate(crew.pool, bytes));
  crew.copy.add(bytes, cpu::copy_rate(crew.pool, bytes));
  const double computing_s = work.operations / crew.roof.operations_rate(work.format);
  // No faster than all is read, nor than what is both read and written is copied.
  const double reading_s = work.bytes() / crew.read.rate(bytes);
  const double copying_s = 2 * std::min(work.bytes_read, work.bytes_written) / crew.copy.rate(bytes);
  const double least_s = std::max({computing_s, reading_s, copying_s});

  const auto rate = [](double amount) {
    return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
  };
  state.counters["operations"] = rate(work.operations);
  state.counters["bytes"] = rate(work.bytes());
  state.counters["of_roof"] = rate(least_s);
  state.counters["set_bytes"] = work.bytes();
  state.counters["computing_us"] = computing_s * 1e6;
  state.counters["reading_us"] = reading_s * 1e6;
  state.counters["copying_us"] = copying_s * 1e6;
  state.SetLabel(work.format);
}

void Trial::run(benchmark::State& state, const Registry& registry) {
  if (!session)
    session =
        std::make_unique<Session>(graph, registry, SessionOptions{.threads = crew.threads, .strict = true});
  std::vector<Datum> inputs;
  for (const Port& port : session->inputs()) inputs.emplace_back(random_tensor(port.type));
  std::vector<Datum> outputs = session->run(inputs);
  for (auto _ : state) session->run(inputs, outputs);
  hold_against_roof(state);
}

void describe(const Roof& roof, std::size_t threads) {
  for (const auto& [format, rate] : roof.operations_per_s)
    benchmark::AddCustomContext(fmt::format("{}_gops_{}", format, threads),
                                fmt::format("{:.0f}", rate / 1e9));
  std::string levels;
  for (const Bandwidth& level : roof.bandwidth)
    levels += fmt::format("{:.0f} KiB {:.0f}, ", level.set_bytes / 1024, level.bytes_per_s / 1e9);
  benchmark::AddCustomContext(fmt::format("read_gbps_{}", threads), levels.substr(0, levels.size() - 2));
}

void run_all(const std::vector<std::string>& files) {
  const Registry registry = standard_registry();
  std::vector<Graph> graphs;
  for (const std::string& file : files) graphs.push_back(load_model(file));
  std::list<Crew> crews;
  std::list<Trial> trials;
  for (std::size_t threads = 1; threads <= std::min(kMostThreads, available_cpus()); ++threads) {
    Crew& crew = crews.emplace_back(registry.target("cpu"), threads);
    describe(crew.roof, threads);
    for (std::size_t i = 0; i < files.size(); ++i) {
      Trial& trial = trials.emplace_back(Trial{graphs[i], work_of(graphs[i], registry.ops), crew, nullptr});
      const std::string name = fmt::format("{}/{}", std::filesystem::path(files[i]).stem().string(), threads);
      const auto run = [&trial, &registry](benchmark::State& state) { trial.run(state, registry); };
      benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::ClearRegisteredBenchmarks();  // they refer to the trials
}

}  // namespace
}  // namespace atlas

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  try {
    atlas::run_all({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "operator_benchmark: {}\n", error.what());
    return 1;
  }
  benchmark::Shutdown();
  return 0;
}
