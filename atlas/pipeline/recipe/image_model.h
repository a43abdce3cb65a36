// A model of one picture, run the same way in every task on pictures.
#pragma once

#include <string>
#include <vector>

#include "atlas/pipeline/image/model_input.h"
#include "atlas/pipeline/recipe/task.h"
#include "atlas/run/session.h"

namespace atlas {

class ImageModel {
 public:
  /// `session` must outlive it. Throws InvalidArgument where it has other than one input.
  ImageModel(const Session& session, const ImageInputOptions& options);

  struct Run {
    ImageInput input;
    std::vector<Tensor> outputs;  // one at least
  };

  /// `image`: RGB U8 [height, width, 3]. Adds the stages "prepare" and `stage`.
  Run run(const Tensor& image, std::string stage, std::vector<Stage>& stages) const;

  const Session& session() const { return *session_; }

 private:
  const Session* session_;
  ImageInputOptions options_;
};

}  // namespace atlas
