// Pictures as arrays, by the codecs that recipes use.
#include <nanobind/stl/string.h>

#include "atlas/base/error.h"
#include "atlas/media/image.h"
#include "python/arrays.h"
#include "python/bindings.h"

namespace atlas::python {
namespace {

std::string path_of(nb::handle path) {
  return nb::cast<std::string>(nb::module_::import_("os").attr("fsdecode")(path));
}

nb::object read(nb::handle path, bool grey) {
  const std::string name = path_of(path);
  Tensor image;
  {
    const nb::gil_scoped_release release;
    image = read_image(name, grey ? PixelFormat::Grayscale : PixelFormat::RGB);
  }
  return from_tensor(image);
}

void write(nb::handle path, nb::handle array) {
  const std::string name = path_of(path);
  const Tensor image = to_tensor(array, DType::U8, name);
  require(image.dtype() == DType::U8 && image.rank() == 3, "{}: expected u8[height,width,channels], got {}",
          name, text(image));
  const nb::gil_scoped_release release;
  write_image(name, image);
}

}  // namespace

void bind_images(nb::module_& module) {
  module.def("read_image", read, nb::arg("path"), nb::arg("grey") = false,
             nb::sig("def read_image(path: typing.Any, grey: bool = False) -> typing.Any"),
             "A picture as an array of uint8 [height, width, 3], RGB, or [height, width, 1] with `grey`: "
             "JPEG, PNG, WebP,\n"
             "TIFF, JPEG 2000, BMP, PNM, turned upright.");
  module.def(
      "write_image", write, nb::arg("path"), nb::arg("image"),
      nb::sig("def write_image(path: typing.Any, image: typing.Any) -> None"),
      "Writes uint8 [height, width, 1 or 3] as PNG or JPEG, by the ending of the path; 4 channels as PNG.");
}

}  // namespace atlas::python
