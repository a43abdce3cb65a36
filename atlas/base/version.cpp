// Takes the version from the build: ATLAS_VERSION is set for this source alone.
#include "atlas/base/version.h"

namespace atlas {

const char* version() {
  return ATLAS_VERSION;
}

}  // namespace atlas
