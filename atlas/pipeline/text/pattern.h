// What tokenizers split and replace by: a plain string or a regular expression with look-ahead.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/base/function_ref.h"
#include "atlas/pipeline/text/aligned_text.h"

namespace atlas {

class Pattern {
 public:
  static Pattern string(std::string text);
  /// Perl's syntax over code points, classes by Unicode's properties. Throws InvalidArgument where it is
  /// none, Unsupported where it is longer than 16,384 bytes.
  static Pattern regex(const std::string& expression);

  /// Calls `found` for each match from left to right; matches do not overlap and none is empty. Throws
  /// ResourceExhausted where the expression backtracks too often.
  void each_match(std::string_view text, FunctionRef<void(TextSpan)> found) const;

 private:
  struct Code;

  std::string text_;                  // the string, or the expression for messages
  std::shared_ptr<const Code> code_;  // none: a plain string
};

}  // namespace atlas
