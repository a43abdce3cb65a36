// Sessions of the C interface: compiled, asked what they take, run.
#include <cmath>

#include "atlas/base/deadline.h"
#include "atlas/run/compiled_model.h"
#include "capi/boundary.h"

namespace {

using atlas::Datum;
using atlas::Port;
using atlas::require;
using atlas::capi::given;
using atlas::capi::guarded;
using PortText = AtlasSession::PortText;

std::vector<PortText> texts_of(const std::vector<Port>& ports) {
  std::vector<PortText> out;
  for (const Port& port : ports) {
    PortText& made = out.emplace_back();
    made.type = text(port.type);
    made.has_rank = port.type.is_tensor() && port.type.dims.has_value();
    if (!made.has_rank) continue;
    for (const atlas::Dim& dim : *port.type.dims) made.shape.push_back(dim.is_constant() ? dim.value() : -1);
  }
  return out;
}

void fill(AtlasPort* to, const std::vector<Port>& ports, const std::vector<PortText>& texts, size_t index,
          const char* what) {
  require(index < ports.size(), "{}: expected an index below {}, got {}", what, ports.size(), index);
  AtlasPort out = ATLAS_INIT(AtlasPort);
  out.name = ports[index].name.c_str();
  out.type = texts[index].type.c_str();
  out.dtype = ports[index].type.is_tensor() ? static_cast<AtlasDType>(ports[index].type.dtype) : 0;
  out.has_default = ports[index].has_default;
  // A scalar has a shape too, of no extents.
  static constexpr int64_t kNoExtents = 0;
  if (texts[index].has_rank) out.shape = texts[index].shape.empty() ? &kNoExtents : texts[index].shape.data();
  out.rank = texts[index].shape.size();
  atlas::capi::write_struct(to, out, "port");
}

atlas::SessionOptions options_of(const AtlasSessionOptions* given_options) {
  const auto from = atlas::capi::read_struct(given_options, "options");
  atlas::SessionOptions out;
  constexpr size_t kMostThreads = 4096;
  require(from.threads <= kMostThreads, "options: expected at most {} threads, got {}", kMostThreads,
          from.threads);
  require(from.reserved == 0, "options: reserved: expected 0, got {}", from.reserved);
  if (from.target != nullptr) out.target = from.target;
  out.threads = from.threads;
  out.strict = from.is_strict != 0;
  if (from.precision != nullptr) out.precision = atlas::precision_named(from.precision);
  if (from.disabled_pass_count > 0) given(from.disabled_passes, "disabled_passes");
  for (size_t i = 0; i < from.disabled_pass_count; ++i)
    out.passes.disabled.emplace_back(&given(from.disabled_passes[i], "disabled_passes"));
  if (from.memory_limit_bytes > 0)
    out.limits.memory = std::make_shared<atlas::MemoryBudget>(from.memory_limit_bytes);
  if (from.node_limit > 0) out.limits.nodes = from.node_limit;
  return out;
}

atlas::RunOptions options_of(const AtlasRunOptions* given_options) {
  const auto from = atlas::capi::read_struct(given_options, "options");
  atlas::RunOptions out;
  out.seed = from.seed;
  if (from.cancellation != nullptr) out.cancelled = &from.cancellation->is_cancelled;
  require(from.timeout_s >= 0, "options: timeout_s: expected 0 or more, got {}", from.timeout_s);
  if (from.timeout_s > 0) out.deadline = atlas::deadline_in(from.timeout_s);
  return out;
}

}  // namespace

AtlasSession::AtlasSession(atlas::Graph graph, const atlas::SessionOptions& options)
    : registry(atlas::standard_registry()),
      session(std::move(graph), registry, options),
      inputs(texts_of(session.inputs())),
      outputs(texts_of(session.outputs())) {}

AtlasSession::AtlasSession(const char* path, const atlas::SessionOptions& options)
    : registry(atlas::standard_registry()),
      session([&] {
        atlas::OpenedSession opened = atlas::open_session(path, registry, options);
        notice = std::move(opened.notice);
        return std::move(opened.session);
      }()),
      inputs(texts_of(session.inputs())),
      outputs(texts_of(session.outputs())) {}

AtlasStatus atlas_session_new(const AtlasGraph* graph, const AtlasSessionOptions* options,
                              AtlasSession** session, AtlasError** error) {
  return guarded(error, [&] {
    AtlasSession*& out = given(session, "session");
    out = new AtlasSession(given(graph, "graph").graph, options_of(options));
  });
}

AtlasStatus atlas_session_open(const char* path, const AtlasSessionOptions* options, AtlasSession** session,
                               AtlasError** error) {
  return guarded(error, [&] {
    AtlasSession*& out = given(session, "session");
    out = new AtlasSession(&given(path, "path"), options_of(options));
  });
}

void atlas_session_free(AtlasSession* session) {
  delete session;
}

size_t atlas_session_input_count(const AtlasSession* session) {
  return session == nullptr ? 0 : session->inputs.size();
}

size_t atlas_session_output_count(const AtlasSession* session) {
  return session == nullptr ? 0 : session->outputs.size();
}

AtlasStatus atlas_session_input(const AtlasSession* session, size_t index, AtlasPort* port,
                                AtlasError** error) {
  return guarded(error, [&] {
    const AtlasSession& from = given(session, "session");
    fill(port, from.session.inputs(), from.inputs, index, "atlas_session_input");
  });
}

AtlasStatus atlas_session_output(const AtlasSession* session, size_t index, AtlasPort* port,
                                 AtlasError** error) {
  return guarded(error, [&] {
    const AtlasSession& from = given(session, "session");
    fill(port, from.session.outputs(), from.outputs, index, "atlas_session_output");
  });
}

const char* atlas_session_notice(const AtlasSession* session) {
  return session == nullptr ? "" : session->notice.c_str();
}

size_t atlas_session_fallback_count(const AtlasSession* session) {
  return session == nullptr ? 0 : session->session.fallbacks().size();
}

const char* atlas_session_fallback(const AtlasSession* session, size_t index) {
  if (index >= atlas_session_fallback_count(session)) return nullptr;
  return session->session.fallbacks()[index].c_str();
}

AtlasStatus atlas_session_run(const AtlasSession* session, const AtlasDatum* const* inputs,
                              size_t input_count, AtlasDatum** outputs, size_t output_count,
                              const AtlasRunOptions* options, AtlasError** error) {
  return guarded(error, [&] {
    const AtlasSession& of = given(session, "session");
    require(input_count == of.inputs.size() && output_count == of.outputs.size(),
            "atlas_session_run: expected {} inputs and {} outputs, got {} and {}", of.inputs.size(),
            of.outputs.size(), input_count, output_count);
    const atlas::RunOptions run_options = options_of(options);
    std::vector<Datum> from(input_count);
    std::vector<Datum> to(output_count);
    std::vector<std::unique_ptr<AtlasDatum>> made(output_count);
    if (input_count > 0) given(inputs, "inputs");
    if (output_count > 0) given(outputs, "outputs");
    for (size_t i = 0; i < input_count; ++i)
      if (inputs[i] != nullptr) from[i] = inputs[i]->datum;
    for (size_t i = 0; i < output_count; ++i) {
      if (outputs[i] == nullptr)
        made[i] = std::make_unique<AtlasDatum>();
      else
        to[i] = outputs[i]->datum;
    }
    of.session.run(from, to, run_options);
    for (size_t i = 0; i < output_count; ++i) {
      if (made[i]) outputs[i] = made[i].release();
      outputs[i]->datum = std::move(to[i]);
    }
  });
}

AtlasStatus atlas_cancellation_new(AtlasCancellation** cancellation, AtlasError** error) {
  return guarded(error, [&] {
    AtlasCancellation*& out = given(cancellation, "cancellation");
    out = new AtlasCancellation;
  });
}

void atlas_cancellation_cancel(AtlasCancellation* cancellation) {
  if (cancellation != nullptr) cancellation->is_cancelled = true;
}

void atlas_cancellation_reset(AtlasCancellation* cancellation) {
  if (cancellation != nullptr) cancellation->is_cancelled = false;
}

void atlas_cancellation_free(AtlasCancellation* cancellation) {
  delete cancellation;
}
