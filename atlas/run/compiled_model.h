// Models kept compiled: what `atlas compile` writes, and the one door by which a path becomes a session.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "atlas/run/session.h"

namespace atlas {

/// Runs the passes, lowers and packs for this processor, and writes the outcome to `path`; with `keeps_model`
/// the model too, so that the file runs elsewhere, compiled anew. Of `options` the threads do not matter.
/// Throws as Session and write_compiled do, and Unsupported where the target's programs cannot be kept.
void compile_to_file(const Graph& model, const std::filesystem::path& path, const Registry& registry,
                     const SessionOptions& options, bool keeps_model = true);

struct OpenedSession {
  Session session;
  std::string graph_name;
  /// For people, a line each: that a precision is emulated, that half of the products or more have no
  /// way in it, why a compiled file did not serve as it is and its model was compiled anew; "" where nothing
  /// is so.
  std::string notice;
};

/// A session of a model file or a compiled file. `change`, where given, is applied to the model before it is
/// compiled, which a compiled file is then anew. Throws as load_model and Session do, naming the file, and
/// Unsupported where a compiled file is for another processor, Atlas or change and holds no model.
OpenedSession open_session(const std::filesystem::path& path, const Registry& registry,
                           const SessionOptions& options, const std::function<void(Graph&)>& change = {});

}  // namespace atlas
