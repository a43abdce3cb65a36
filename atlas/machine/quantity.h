// Numbers with their unit, as people write them ("3.35 TB/s"), turned into base units and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlas {

/// What a number counts. The base unit in which values are kept stands behind each.
enum class Dimension {
  Count,         // a bare number
  Ops,           // operations per second; a multiplication and an addition are two
  Bytes,         // bytes
  Bandwidth,     // bytes per second
  Time,          // seconds
  Frequency,     // hertz
  Power,         // watts
  EnergyPerBit,  // joules per bit
  EnergyPerOp,   // joules per operation
  Area,          // square millimetres
  Money,         // US dollars
  Year,          // a bare number
};

/// The value in base units of "NUMBER UNIT" or "NUMBERUNIT", or nothing where the unit is not one of the
/// dimension's or the number is not finite.
std::optional<double> parse_quantity(std::string_view text, Dimension dimension);

/// What to write, for messages: "a bandwidth such as 3.35 TB/s (units: B/s, KB/s, ...)".
std::string describe(Dimension dimension);

/// The largest unit in which the number is at least one, four digits: "3.35 TB/s".
std::string format_quantity(double value, Dimension dimension);

}  // namespace atlas
