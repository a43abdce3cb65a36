// From words to limits.
#include "cli/limit_options.h"

#include "atlas/base/deadline.h"
#include "atlas/base/error.h"
#include "atlas/machine/quantity.h"

namespace atlas::cli {

void LimitOptions::add_to(CommandLine& line) {
  line.add_option("--memory-limit", memory,
                  "What the tensors of the model and of its runs may take together: 2GiB (else all that the "
                  "process may use)");
  line.add_option("--node-limit", nodes, "Nodes that a model may have")->capture_default_str();
  line.add_option("--nesting-limit", nesting, "How deep its graphs may nest")
      ->capture_default_str()
      ->check(CLI::Range(0, kMaxGraphDepth));
  line.add_option("--timeout", timeout_s, "Seconds that loading and running may take together")
      ->check(CLI::PositiveNumber);
}

Limits LimitOptions::limits() const {
  Limits out;
  if (!memory.empty()) {
    const std::optional<double> bytes = parse_quantity(memory, Dimension::Bytes);
    require(bytes && *bytes >= 1 && *bytes < 1e18, "--memory-limit '{}': expected {}", memory,
            describe(Dimension::Bytes));
    out.memory = std::make_shared<MemoryBudget>(static_cast<std::size_t>(*bytes));
  }
  out.nodes = nodes;
  out.nesting = nesting;
  if (timeout_s > 0) out.deadline = deadline_in(timeout_s);
  return out;
}

}  // namespace atlas::cli
