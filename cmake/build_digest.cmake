# Writes OUT, a source that knows a digest of the files listed in LIST; left alone where nothing changed.
# Run by CMake -P at build time.
cmake_minimum_required(VERSION 3.25)
file(STRINGS "${LIST}" files)
set(digests "")
foreach(file ${files})
  file(SHA256 "${file}" digest)
  string(APPEND digests "${digest}\n")
endforeach()
string(SHA256 digest "${digests}")
string(SUBSTRING ${digest} 0 12 digest)
file(CONFIGURE OUTPUT "${OUT}" CONTENT
"// The digest of the sources of this build.
#include \"atlas/run/build_digest.h\"

namespace atlas {

const char* build_digest() {
  return \"@digest@\";
}

}  // namespace atlas
" @ONLY)
