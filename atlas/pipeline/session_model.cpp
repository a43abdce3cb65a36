// Tensors to data and back.
#include "atlas/pipeline/session_model.h"

namespace atlas {

Model model_of(const Session& session, RunOptions options) {
  return [&session, options](const std::vector<Tensor>& inputs) {
    std::vector<Tensor> outputs;
    for (const Datum& output : session.run(std::vector<Datum>(inputs.begin(), inputs.end()), options))
      outputs.push_back(output.tensor());
    return outputs;
  };
}

}  // namespace atlas
