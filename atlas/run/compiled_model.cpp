// Compiled files are asked first whether they are for this processor, this Atlas and these options.
#include "atlas/run/compiled_model.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/version.h"
#include "atlas/formats/compiled_file.h"
#include "atlas/formats/model_file.h"
#include "atlas/run/build_digest.h"

namespace atlas {
namespace {

std::string key_of(const Target& target, const SessionOptions& options) {
  const std::string lowering = target.lowering_key(options.precision);
  std::string key = fmt::format("Atlas {} ({}), {}", version(), build_digest(),
                                lowering.empty() ? std::string(target.name()) : lowering);
  std::vector<std::string> left_out = options.passes.disabled;
  std::ranges::sort(left_out);
  for (const std::string& pass : left_out) key += ", no pass " + pass;
  return key;
}

// "" where most steps that multiply do so in the precision: what then stays f32, docs/cpu.md tells.
std::string what_stays_f32(const Session& session, Precision precision) {
  if (precision == Precision::F32) return "";
  const std::size_t rounded = session.steps_in(precision), exact = session.steps_in(Precision::F32);
  if (rounded > exact) return "";
  if (rounded == 0)
    return fmt::format("no step of this model has a way in {}: all stay f32", name(precision));
  return fmt::format("{} of the {} steps that multiply have a way in {}, the others stay f32", rounded,
                     rounded + exact, name(precision));
}

}  // namespace

void compile_to_file(const Graph& model, const std::filesystem::path& path, const Registry& registry,
                     const SessionOptions& options, bool keeps_model) {
  const Target& target = registry.target(options.target);
  PassOptions passes = options.passes;
  passes.limits = options.limits;
  if (!passes.limits.memory) passes.limits.memory = memory_of_the_process();
  const MemoryScope scope(passes.limits.memory);
  Graph graph = model;
  run_passes(graph, registry.ops, passes);
  CompiledModel compiled{key_of(target, options), input_ports(graph), output_ports(graph), {}};
  compiled.program = target.lower(std::move(graph), registry.ops, options.precision);
  write_compiled(path, compiled, keeps_model ? &model : nullptr);
}

OpenedSession open_session(const std::filesystem::path& path, const Registry& registry,
                           const SessionOptions& options, const std::function<void(Graph&)>& change) {
  const auto name_file = [&] { return path.string(); };
  std::vector<std::string> notices;
  const auto opened = [&](Session session, std::string name) {
    if (std::string left = what_stays_f32(session, options.precision); !left.empty())
      notices.push_back(std::move(left));
    return OpenedSession{std::move(session), std::move(name), fmt::format("{}", fmt::join(notices, "\n"))};
  };
  if (!registry.target(options.target).multiplies(options.precision))
    notices.push_back(fmt::format("this processor multiplies no {} itself: emulated, and slower than f32",
                                  name(options.precision)));
  Graph graph;
  if (is_compiled(path)) {
    CompiledFile file(path);
    const std::string here = key_of(registry.target(options.target), options);
    if (file.key() == here && !change) {
      CompiledModel compiled = file.compiled(options.limits);
      const std::string name = compiled.program.graph.name;
      return within(name_file, [&] { return opened(Session(std::move(compiled), registry, options), name); });
    }
    const std::string why = change
                                ? "its model is to be changed"
                                : fmt::format("it was compiled for '{}' and this is '{}'", file.key(), here);
    if (!file.has_model())
      fail(ErrorCode::Unsupported, "{}: {} (compile the model again here: the file holds none)",
           path.string(), why);
    notices.push_back(fmt::format("{}: {}: compiling its model anew", path.string(), why));
    graph = file.model(options.limits);
  } else {
    graph = load_model(path, options.limits);
  }
  if (change) change(graph);
  const std::string name = graph.name;
  return within(name_file, [&] { return opened(Session(std::move(graph), registry, options), name); });
}

}  // namespace atlas
