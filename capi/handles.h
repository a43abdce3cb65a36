// What stands behind the opaque handles of the C interface.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "atlas/run/session.h"
#include "capi/include/atlas/atlas.h"

struct AtlasError {
  AtlasStatus status;
  std::string message;
};

struct AtlasDatum {
  atlas::Datum datum;
};

struct AtlasGraph {
  atlas::Graph graph;
};

struct AtlasCancellation {
  std::atomic<bool> is_cancelled{false};
};

struct AtlasSession {
  /// What AtlasPort points to.
  struct PortText {
    std::string type;
    atlas::Shape shape;
    bool has_rank = false;
  };

  AtlasSession(atlas::Graph graph, const atlas::SessionOptions& options);
  AtlasSession(const char* path, const atlas::SessionOptions& options);

  atlas::Registry registry;
  std::string notice;  // as OpenedSession's
  atlas::Session session;
  std::vector<PortText> inputs;
  std::vector<PortText> outputs;
};
