// Fitted, normalised, batched where the model wants a batch, and run.
#include "atlas/pipeline/recipe/image_model.h"

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/session_model.h"

namespace atlas {

ImageModel::ImageModel(const Session& session, const ImageInputOptions& options)
    : session_(&session), options_(options) {
  require(session.inputs().size() == 1, "recipe: expected a model of one input, got {}",
          session.inputs().size());
  require(!session.outputs().empty(), "recipe: expected a model with an output");
}

ImageModel::Run ImageModel::run(const Tensor& image, std::string stage, std::vector<Stage>& stages) const {
  Stopwatch watch;
  const Type& type = session_->inputs()[0].type;
  Run out{image_input(image, options_, type.dtype), {}};
  Tensor batch = out.input.batch;
  if (type.dims && type.dims->size() == 3)
    batch = batch.reshaped({batch.shape().begin() + 1, batch.shape().end()});
  stages.push_back({"prepare", watch.milliseconds()});
  watch = Stopwatch();
  out.outputs = model_of(*session_)({std::move(batch)});
  stages.push_back({std::move(stage), watch.milliseconds()});
  return out;
}

}  // namespace atlas
