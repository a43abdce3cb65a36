// A file of labels with two more.
#include "atlas/pipeline/ocr/dictionary.h"

#include "atlas/pipeline/post/label_file.h"

namespace atlas {

std::vector<std::string> read_dictionary(const std::filesystem::path& path) {
  std::vector<std::string> labels = read_labels(path);
  labels.insert(labels.begin(), "");
  labels.push_back(" ");
  return labels;
}

}  // namespace atlas
