// Labels that exporters leave in a model's metadata.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace atlas {

/// The labels of Ultralytics' exports: metadata "names", "{0: 'person', 1: 'bicycle'}" as Python writes a
/// dict, numbered from 0 on. Empty where there are none, or none that can be read.
std::vector<std::string> names_in(const std::map<std::string, std::string>& metadata);

}  // namespace atlas
