// One wording for all commands.
#include "cli/session_options.h"

namespace atlas::cli {

void add_compile_options(CommandLine& line, SessionOptions& options) {
  line.add_option("--no-pass", options.passes.disabled, "Leave out this pass");
  line.add_option_function<std::string>(
      "--precision", [&](const std::string& wanted) { options.precision = precision_named(wanted); },
      "What the factors of products are rounded to: f32 (the default), bf16, int8");
}

void add_session_options(CommandLine& line, SessionOptions& options) {
  line.add_option("--target", options.target, "What runs the model")->capture_default_str();
  line.add_flag("--strict", options.strict, "A node without a kernel is an error");
  line.add_option("--threads", options.threads, "Threads to use; 0 is all this process may use");
  add_compile_options(line, options);
}

}  // namespace atlas::cli
