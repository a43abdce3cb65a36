// Data of the C interface: tensors in anybody's memory, strings, sequences, maps.
#include <memory>
#include <utility>

#include "capi/boundary.h"

namespace {

using atlas::Datum;
using atlas::DType;
using atlas::require;
using atlas::Shape;
using atlas::Tensor;
using atlas::capi::given;
using atlas::capi::guarded;

DType dtype_of_number(AtlasDType number) {
  require(atlas::is_dtype(number), "dtype: expected one of ATLAS_F32, ..., got {}", number);
  return static_cast<DType>(number);
}

Shape shape_of(const int64_t* shape, size_t rank) {
  constexpr size_t kMaxRank = 64;
  require(rank <= kMaxRank, "shape: expected at most {} axes, got {}", kMaxRank, rank);
  if (rank == 0) return {};
  return Shape(&given(shape, "shape"), shape + rank);
}

// What the parts of a map or a sparse tensor are as data of their own.
Datum part(const Datum& whole, size_t index) {
  if (whole.is_sequence()) return whole.sequence()[index];
  if (whole.is_map()) return index == 0 ? whole.map().keys : whole.map().values;
  const atlas::SparseTensor& sparse = whole.sparse();
  if (index < 2) return index == 0 ? sparse.values : sparse.indices;
  return Tensor::of_ints(sparse.shape);
}

}  // namespace

AtlasStatus atlas_datum_new(AtlasDType dtype, const int64_t* shape, size_t rank, AtlasDatum** datum,
                            AtlasError** error) {
  return guarded(error, [&] {
    AtlasDatum*& out = given(datum, "datum");
    require(dtype != ATLAS_STRING, "atlas_datum_new: strings are made by atlas_datum_strings");
    out = new AtlasDatum{Tensor(dtype_of_number(dtype), shape_of(shape, rank))};
  });
}

AtlasStatus atlas_datum_lend(const AtlasTensor* tensor, void (*release)(void*), void* context,
                             AtlasDatum** datum, AtlasError** error) {
  return guarded(error, [&] {
    AtlasDatum*& out = given(datum, "datum");
    const auto lent = atlas::capi::read_struct(&given(tensor, "tensor"), "tensor");
    const DType dtype = dtype_of_number(lent.dtype);
    require(dtype != DType::String, "atlas_datum_lend: strings are made by atlas_datum_strings");
    Shape shape = shape_of(lent.shape, lent.rank);
    const size_t wanted = atlas::byte_size(dtype, atlas::element_count(shape));
    require(lent.size_bytes == wanted, "atlas_datum_lend: expected {} bytes of {}{}, got {}", wanted,
            name(dtype), atlas::text(shape), lent.size_bytes);
    require(lent.data != nullptr || wanted == 0, "atlas_datum_lend: data: expected a pointer, got NULL");
    // The tensor is checked before `release` is handed over, so that a failure never calls it.
    auto handle = std::make_unique<AtlasDatum>();
    auto checked = atlas::Buffer::wrap(lent.data, lent.size_bytes, {}, lent.is_read_only == 0);
    handle->datum = Tensor(dtype, shape, std::move(checked));
    if (release != nullptr) {
      auto held = atlas::Buffer::wrap(
          lent.data, lent.size_bytes, [=] { release(context); }, lent.is_read_only == 0);
      handle->datum = Tensor(dtype, std::move(shape), std::move(held));
    }
    out = handle.release();
  });
}

AtlasStatus atlas_datum_strings(const char* const* strings, const size_t* lengths, const int64_t* shape,
                                size_t rank, AtlasDatum** datum, AtlasError** error) {
  return guarded(error, [&] {
    AtlasDatum*& out = given(datum, "datum");
    Tensor tensor(DType::String, shape_of(shape, rank));
    const auto values = tensor.values_mutable<std::string>();
    if (!values.empty()) given(strings, "strings");
    for (size_t i = 0; i < values.size(); ++i) {
      const char* text = &given(strings[i], "strings");
      values[i] = lengths == nullptr ? std::string(text) : std::string(text, lengths[i]);
    }
    out = new AtlasDatum{std::move(tensor)};
  });
}

AtlasStatus atlas_datum_sequence(const AtlasDatum* const* elements, size_t count, AtlasDatum** datum,
                                 AtlasError** error) {
  return guarded(error, [&] {
    AtlasDatum*& out = given(datum, "datum");
    atlas::Sequence sequence;
    if (count > 0) given(elements, "elements");
    for (size_t i = 0; i < count; ++i) sequence.push_back(given(elements[i], "elements").datum);
    out = new AtlasDatum{std::move(sequence)};
  });
}

AtlasStatus atlas_datum_share(const AtlasDatum* datum, AtlasDatum** copy, AtlasError** error) {
  return guarded(error, [&] {
    AtlasDatum*& out = given(copy, "copy");
    out = new AtlasDatum{given(datum, "datum").datum};
  });
}

AtlasKind atlas_datum_kind(const AtlasDatum* datum) {
  if (datum == nullptr || datum->datum.is_empty()) return ATLAS_NOTHING;
  if (datum->datum.is_tensor()) return ATLAS_TENSOR;
  if (datum->datum.is_sequence()) return ATLAS_SEQUENCE;
  return datum->datum.is_map() ? ATLAS_MAP : ATLAS_SPARSE;
}

AtlasStatus atlas_datum_tensor(const AtlasDatum* datum, AtlasTensor* tensor, AtlasError** error) {
  return guarded(error, [&] {
    const Tensor& from = given(datum, "datum").datum.tensor();
    const bool strings = from.dtype() == DType::String;
    AtlasTensor out = ATLAS_INIT(AtlasTensor);
    out.dtype = static_cast<AtlasDType>(from.dtype());
    out.is_read_only = from.buffer() != nullptr && !from.buffer()->is_writable();
    out.shape = from.shape().data();
    out.rank = from.rank();
    out.data = strings ? nullptr : const_cast<void*>(from.raw());
    out.size_bytes = strings ? 0 : from.size_bytes();
    atlas::capi::write_struct(tensor, out, "tensor");
  });
}

AtlasStatus atlas_datum_string(const AtlasDatum* datum, size_t index, const char** text, size_t* length,
                               AtlasError** error) {
  return guarded(error, [&] {
    const auto values = given(datum, "datum").datum.tensor().values<std::string>();
    require(index < values.size(), "atlas_datum_string: expected an index below {}, got {}", values.size(),
            index);
    given(text, "text") = values[index].c_str();
    if (length != nullptr) *length = values[index].size();
  });
}

size_t atlas_datum_count(const AtlasDatum* datum) {
  switch (atlas_datum_kind(datum)) {
    case ATLAS_SEQUENCE:
      return datum->datum.sequence().size();
    case ATLAS_MAP:
      return 2;
    case ATLAS_SPARSE:
      return 3;
    default:
      return 0;
  }
}

AtlasStatus atlas_datum_element(const AtlasDatum* datum, size_t index, AtlasDatum** element,
                                AtlasError** error) {
  return guarded(error, [&] {
    const Datum& whole = given(datum, "datum").datum;
    AtlasDatum*& out = given(element, "element");
    const size_t count = atlas_datum_count(datum);
    require(index < count, "atlas_datum_element: expected an index below {}, got {}", count, index);
    out = new AtlasDatum{part(whole, index)};
  });
}

void atlas_datum_free(AtlasDatum* datum) {
  delete datum;
}
