// A Session in the shape that pipelines take.
#pragma once

#include "atlas/pipeline/model.h"
#include "atlas/run/session.h"

namespace atlas {

/// Runs `session`, which must outlive it. Throws InvalidArgument where an output is no tensor.
Model model_of(const Session& session, RunOptions options = {});

}  // namespace atlas
