// A tensor is a call of torch._utils._rebuild_tensor_v2 (storage, offset, size, stride, ...); storages lie
// beside the pickle and are only looked at once offset, size and stride are known to stay inside.
#include "atlas/formats/torch/state_dict.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

#include "atlas/base/error.h"
#include "atlas/base/mapped_file.h"
#include "atlas/formats/torch/pickle.h"
#include "atlas/tensor/zip.h"

namespace atlas {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Kind = PickleValue::Kind;

struct StorageClass {
  std::string_view name;
  DType dtype;
};

constexpr StorageClass kStorages[] = {
    {"torch FloatStorage", DType::F32}, {"torch DoubleStorage", DType::F64},
    {"torch HalfStorage", DType::F16},  {"torch BFloat16Storage", DType::BF16},
    {"torch LongStorage", DType::I64},  {"torch IntStorage", DType::I32},
    {"torch ShortStorage", DType::I16}, {"torch CharStorage", DType::I8},
    {"torch ByteStorage", DType::U8},   {"torch BoolStorage", DType::Bool},
};

constexpr std::string_view kTensor = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view kParameter = "torch._utils _rebuild_parameter";

std::vector<std::string_view> allowed_globals() {
  std::vector<std::string_view> out{"collections OrderedDict", kTensor, kParameter};
  for (const StorageClass& storage : kStorages) out.push_back(storage.name);
  return out;
}

/// Where a container keeps the bytes of storages, by key.
class Storages {
 public:
  virtual ~Storages() = default;
  /// The bytes of a storage of `count` elements of `dtype`. Throws where there are none.
  virtual Bytes find(const std::string& key, DType dtype, std::uint64_t count) = 0;
};

class StateDict {
 public:
  static constexpr std::size_t kMostCopies = 8;  // of the file, in all tensors together

  StateDict(const Pickle& pickle, Storages& storages, std::size_t file_bytes, std::string_view where)
      : pickle_(pickle), storages_(storages), room_bytes_(file_bytes * kMostCopies), where_(where) {}

  NamedTensors read() {
    const PickleValue& dict = tensors_of(pickle_.root());
    NamedTensors out;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& key = pickle_[dict.items[i]];
      if (key.kind != Kind::Text) continue;
      if (std::optional<Tensor> tensor = within([&] { return fmt::format("{}: {}", where_, key.text); },
                                                [&] { return tensor_of(pickle_[dict.items[i + 1]]); }))
        out.emplace_back(key.text, std::move(*tensor));
    }
    require(!out.empty(), "{}: expected a dict of tensors, got none in it", where_);
    return out;
  }

 private:
  const PickleValue& tensors_of(const PickleValue& root) const {
    require(root.kind == Kind::Dict, "{}: expected a dict of tensors", where_);
    for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
      const PickleValue& inner = pickle_[root.items[i + 1]];
      if (pickle_[root.items[i]].text == "state_dict" && inner.kind == Kind::Dict) return inner;
    }
    return root;
  }

  const std::string& callee(const PickleValue& call) const { return pickle_[call.items[0]].text; }
  const std::vector<std::uint32_t>& arguments(const PickleValue& call) const {
    return pickle_[call.items[1]].items;
  }

  /// Nothing where the value is no tensor.
  std::optional<Tensor> tensor_of(const PickleValue& value) {
    const PickleValue* call = &value;
    if (call->kind == Kind::Call && callee(*call) == kParameter) {
      require(!arguments(*call).empty(), "expected a parameter's tensor");
      call = &pickle_[arguments(*call)[0]];
    }
    if (call->kind != Kind::Call || callee(*call) != kTensor) return std::nullopt;
    const auto& parts = arguments(*call);
    require(parts.size() >= 4, "expected storage, offset, size and stride, got {} of them", parts.size());
    return rebuild(pickle_[parts[0]], integer(parts[1]), integers(parts[2]), integers(parts[3]));
  }

  std::int64_t integer(std::uint32_t number) const {
    const PickleValue& value = pickle_[number];
    require(value.kind == Kind::Integer && value.integer >= 0, "expected a number of elements");
    return value.integer;
  }
  std::vector<std::int64_t> integers(std::uint32_t number) const {
    require(pickle_[number].kind == Kind::Tuple && pickle_[number].items.size() <= 16,
            "expected a short tuple");
    std::vector<std::int64_t> out;
    for (const std::uint32_t item : pickle_[number].items) out.push_back(integer(item));
    return out;
  }

  Tensor rebuild(const PickleValue& storage, std::int64_t offset, const Shape& size,
                 const std::vector<std::int64_t>& stride) {
    // ("storage", class, key, place, count[, view])
    require(storage.kind == Kind::Persistent && pickle_[storage.items[0]].kind == Kind::Tuple &&
                pickle_[storage.items[0]].items.size() >= 5 && size.size() == stride.size(),
            "expected a storage with as many sizes as strides");
    const auto& parts = pickle_[storage.items[0]].items;
    const auto known = std::ranges::find(kStorages, pickle_[parts[1]].text, &StorageClass::name);
    require(known != std::end(kStorages) && pickle_[parts[2]].kind == Kind::Text,
            "expected a storage of a known class");
    require(parts.size() < 6 || pickle_[parts[5]].kind == Kind::None,
            "a storage that is part of another is not read");
    const std::int64_t count = integer(parts[4]);
    std::int64_t last = offset;  // the furthest element that the tensor reaches
    std::int64_t elements = 1;
    for (std::size_t i = 0; i < size.size(); ++i) {
      if (__builtin_mul_overflow(elements, size[i], &elements)) elements = -1;
      std::int64_t reach = 0;
      if (size[i] > 0 && (__builtin_mul_overflow(size[i] - 1, stride[i], &reach) ||
                          __builtin_add_overflow(last, reach, &last)))
        elements = -1;
      require(elements >= 0, "sizes and strides that are too large");
    }
    require(elements == 0 || (last < count && elements <= count),
            "expected a tensor inside its storage of {} elements, got one of {} that reaches {}", count,
            elements, last);
    const Bytes bytes =
        storages_.find(pickle_[parts[2]].text, known->dtype, static_cast<std::uint64_t>(count));
    const std::size_t needed = byte_size(known->dtype, static_cast<std::size_t>(elements));
    if (needed > room_bytes_)
      fail(ErrorCode::ResourceExhausted, "tensors that overlap take more than {} times the file",
           kMostCopies);
    room_bytes_ -= needed;
    Tensor out(known->dtype, size);
    if (elements > 0) copy(bytes, offset, stride, out);
    return out;
  }

  static void copy(Bytes bytes, std::int64_t offset, const std::vector<std::int64_t>& stride, Tensor& out) {
    const auto element = static_cast<std::size_t>(bits(out.dtype()) / 8);
    auto* to = static_cast<std::uint8_t*>(out.raw_mutable());
    std::vector<std::int64_t> index(out.rank());
    for (std::size_t done = 0; done < out.element_count(); ++done, to += element) {
      std::int64_t at = offset;
      for (std::size_t i = 0; i < index.size(); ++i) at += index[i] * stride[i];
      std::memcpy(to, bytes.data() + static_cast<std::size_t>(at) * element, element);
      for (std::size_t i = index.size(); i-- > 0;) {
        if (++index[i] < out.dim(i)) break;
        index[i] = 0;
      }
    }
  }

  const Pickle& pickle_;
  Storages& storages_;
  std::size_t room_bytes_;
  std::string_view where_;
};

/// The older container: after the pickles a list of keys, then for each its length in elements and its bytes.
class StreamStorages : public Storages {
 public:
  StreamStorages(Bytes bytes, std::size_t at, const Pickle& keys, std::string_view where)
      : bytes_(bytes), at_(at), where_(where) {
    for (const std::uint32_t key : keys.root().items) keys_.push_back(keys[key].text);
  }

  /// Learns how wide the elements of a storage are, without which those behind it cannot be found.
  void learn(const Pickle& pickle, const PickleValue& storage) {
    const auto& parts = pickle[storage.items[0]].items;
    if (parts.size() < 5) return;
    const auto known = std::ranges::find(kStorages, pickle[parts[1]].text, &StorageClass::name);
    if (known != std::end(kStorages))
      widths_[pickle[parts[2]].text] = static_cast<std::uint64_t>(bits(known->dtype) / 8);
  }

  void locate() {
    for (const std::string& key : keys_) {
      const auto width = widths_.find(key);
      require(width != widths_.end() && bytes_.size() - at_ >= 8, "{}: storage '{}' is missing", where_, key);
      std::uint64_t count = 0;
      std::memcpy(&count, bytes_.data() + at_, 8);
      at_ += 8;
      require(count <= (bytes_.size() - at_) / width->second, "{}: storage '{}' is cut short", where_, key);
      places_[key] = bytes_.subspan(at_, count * width->second);
      at_ += count * width->second;
    }
  }

  Bytes find(const std::string& key, DType dtype, std::uint64_t count) override {
    const auto found = places_.find(key);
    require(found != places_.end() && found->second.size() >= byte_size(dtype, count),
            "storage '{}' with {} elements is not there", key, count);
    return found->second;
  }

 private:
  Bytes bytes_;
  std::size_t at_;
  std::string_view where_;
  std::vector<std::string> keys_;
  std::map<std::string, std::uint64_t> widths_;
  std::map<std::string, Bytes> places_;
};

/// The newer one: an archive with NAME/data.pkl and NAME/data/KEY.
class ZipStorages : public Storages {
 public:
  ZipStorages(Bytes bytes, std::string_view where) : bytes_(bytes), where_(where) {
    for (const ZipEntry& entry : zip_entries(bytes, where)) {
      const std::size_t slash = entry.name.find('/');
      if (slash != entry.name.npos) entries_[entry.name.substr(slash + 1)] = entry;
    }
  }

  Bytes content(const std::string& name) {
    const auto entry = entries_.find(name);
    require(entry != entries_.end(), "{}: expected an entry {} in a checkpoint", where_, name);
    return zip_content(bytes_, entry->second, unpacked_[name], where_);
  }
  bool is_big_endian() {
    if (!entries_.contains("byteorder")) return false;
    const Bytes order = content("byteorder");
    return std::string(order.begin(), order.end()) == "big";
  }

  Bytes find(const std::string& key, DType dtype, std::uint64_t count) override {
    // Checked against its checksum once, however many tensors share it.
    if (!checked_.contains(key)) checked_[key] = content("data/" + key);
    const Bytes found = checked_[key];
    require(found.size() / static_cast<std::uint64_t>(bits(dtype) / 8) >= count,
            "storage '{}' with {} elements is cut short", key, count);
    return found;
  }

 private:
  Bytes bytes_;
  std::string_view where_;
  std::map<std::string, ZipEntry> entries_;
  std::map<std::string, std::vector<std::uint8_t>> unpacked_;
  std::map<std::string, Bytes> checked_;
};

NamedTensors parse_archive(Bytes bytes, std::string_view where) {
  ZipStorages storages(bytes, where);
  if (storages.is_big_endian())
    fail(ErrorCode::Unsupported, "{}: a checkpoint of a big-endian machine", where);
  std::size_t at = 0;
  const Pickle pickle(storages.content("data.pkl"), at, allowed_globals(), where);
  return StateDict(pickle, storages, bytes.size(), where).read();
}

NamedTensors parse_stream(Bytes bytes, std::string_view where) {
  std::size_t at = 0;
  const Pickle magic(bytes, at, {}, where);
  const Pickle protocol(bytes, at, {}, where);
  const Pickle system(bytes, at, {}, where);
  require(protocol.root().kind == Kind::Integer && protocol.root().integer == 1001 &&
              system.root().kind == Kind::Dict,
          "{}: expected a checkpoint of torch.save", where);
  for (std::size_t i = 0; i + 1 < system.root().items.size(); i += 2)
    if (system[system.root().items[i]].text == "little_endian" &&
        system[system.root().items[i + 1]].integer == 0)
      fail(ErrorCode::Unsupported, "{}: a checkpoint of a big-endian machine", where);
  const Pickle pickle(bytes, at, allowed_globals(), where);
  const Pickle keys(bytes, at, {}, where);
  StreamStorages storages(bytes, at, keys, where);
  pickle.for_each([&](const PickleValue& value) {
    if (value.kind == Kind::Persistent) storages.learn(pickle, value);
  });
  storages.locate();
  return StateDict(pickle, storages, bytes.size(), where).read();
}

}  // namespace

NamedTensors parse_state_dict(Bytes bytes, std::string_view where) {
  const bool is_archive = bytes.size() > 4 && std::memcmp(bytes.data(), "PK\3\4", 4) == 0;
  return is_archive ? parse_archive(bytes, where) : parse_stream(bytes, where);
}

NamedTensors read_state_dict(const std::filesystem::path& path) {
  const MappedFile file(path);
  return parse_state_dict({reinterpret_cast<const std::uint8_t*>(file.bytes().data()), file.bytes().size()},
                          path.string());
}

}  // namespace atlas
