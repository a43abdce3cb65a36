// The list of tasks; add a line for a new one.
#include "atlas/pipeline/recipe/tasks.h"

namespace atlas {

std::vector<TaskEntry> recipe_tasks() {
  return {anomaly_task(), classify_task(), detect_task(),  embed_task(), faces_task(), filetype_task(),
          ocr_task(),     segment_task(),  similar_task(), tag_task(),   vad_task()};
}

}  // namespace atlas
