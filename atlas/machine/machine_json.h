// A description as JSON, and the JSON schema of the YAML form.
#pragma once

#include "atlas/base/json.h"
#include "atlas/machine/machine.h"

namespace atlas {

/// Every known member; a figure is {value in base units, text, estimate, source}.
Json machine_json(const Machine& machine);

/// A JSON Schema (draft 2020-12) of what read_machine takes: generated from the same form.
Json machine_schema();

}  // namespace atlas
