// The fields of one protobuf message, every length and wire type checked before it is used.
#pragma once

#include <cstdint>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::onnx {

/// A cursor over the fields in the order of the file; views stay valid as long as the bytes do. All members
/// throw InvalidArgument on malformed data; fields of a wire type that the schema does not give them are
/// malformed.
class Message {
 public:
  explicit Message(std::string_view bytes) : reader_(bytes.data(), bytes.size()) {}

  /// Steps to the next field; the value of the one before must have been read or skipped.
  bool next();
  std::uint32_t field() const { return reader_.tag(); }

  /// A string, bytes or a nested message.
  std::string_view bytes();
  std::string text() { return std::string(bytes()); }
  std::int64_t integer();
  float real();
  /// Values of a repeated number, packed or one at a time; appended to `out`.
  void append(std::vector<std::int64_t>& out);
  void append(std::vector<float>& out);
  void append(std::vector<double>& out);
  /// Whether the field holds packed numbers (else one of them).
  bool is_packed() const;
  void skip();

 private:
  template <typename Number>
  void append_fixed(std::vector<Number>& out, protozero::pbf_wire_type single);
  void require_type(protozero::pbf_wire_type wanted) const;

  protozero::pbf_reader reader_;
};

/// The key and the value of a StringStringEntryProto.
std::pair<std::string, std::string> read_entry(std::string_view bytes);

}  // namespace atlas::onnx
