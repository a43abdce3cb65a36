// The tasks that recipes can name.
#pragma once

#include <string_view>
#include <vector>

#include "atlas/pipeline/recipe/task.h"

namespace atlas {

/// All of them, by name.
std::vector<TaskEntry> recipe_tasks();

/// Each in the file of its name, task_NAME.cpp.
TaskEntry anomaly_task();
TaskEntry classify_task();
TaskEntry detect_task();
TaskEntry embed_task();
TaskEntry faces_task();
TaskEntry filetype_task();
TaskEntry ocr_task();
TaskEntry segment_task();
TaskEntry similar_task();
TaskEntry tag_task();
TaskEntry vad_task();

}  // namespace atlas
