// fuzz --target=NAME: what libFuzzer calls; built without it, runs the files that are named.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "tests/fuzz/targets.h"

namespace {

using atlas::fuzz::Target;

const Target* chosen = nullptr;

// A bug must end the process so that it is seen; so does, unasked, every exception of another type.
void run_one(atlas::fuzz::Bytes bytes) {
  try {
    chosen->run(bytes);
  } catch (const atlas::Error& error) {
    if (error.code() != atlas::ErrorCode::Internal) return;
    std::fprintf(stderr, "fuzz: a bug of Atlas: %s\n", error.what());
    std::abort();
  }
}

void choose(int count, char** arguments) {
  constexpr std::string_view kOption = "--target=";
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    if (!word.starts_with(kOption)) continue;
    for (const Target& target : atlas::fuzz::kTargets)
      if (target.name == word.substr(kOption.size())) chosen = &target;
  }
  if (chosen != nullptr) return;
  std::fprintf(stderr, "fuzz: expected --target= and one of:");
  for (const Target& target : atlas::fuzz::kTargets)
    std::fprintf(stderr, " %s", std::string(target.name).c_str());
  std::fprintf(stderr, "\n");
  std::exit(2);
}

}  // namespace

#ifdef ATLAS_LIBFUZZER

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  choose(*count, *arguments);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  run_one({data, size});
  return 0;
}

#else

int main(int count, char** arguments) {
  choose(count, arguments);
  for (int i = 1; i < count; ++i) {
    if (std::strncmp(arguments[i], "--", 2) == 0) continue;
    std::printf("%s\n", arguments[i]);
    std::fflush(stdout);  // the last line names what a crash was on
    const std::string bytes = atlas::read_text(arguments[i]);
    run_one({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }
}

#endif
